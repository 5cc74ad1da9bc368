"""What ExternalDNS reads from Kubernetes objects, and what it makes of it."""
