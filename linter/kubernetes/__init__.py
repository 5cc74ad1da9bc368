"""What Kubernetes objects mean: kinds, pod templates, selectors, labels, permissions, scheduling."""
