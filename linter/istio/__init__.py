"""What Istio's objects, annotations and labels mean, as far as manifests alone can tell."""
