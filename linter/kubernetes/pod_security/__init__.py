"""The Pod Security Standards, as the admission controller of Kubernetes applies them to a pod."""
