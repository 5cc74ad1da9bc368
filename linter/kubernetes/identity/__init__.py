"""Who a pod is: its ServiceAccount, its tokens, and its identity at a cloud provider."""
