"""From sources to documents: charts and plain directories, rendered as the cluster would receive them."""
