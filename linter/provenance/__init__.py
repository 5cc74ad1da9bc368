"""From a place in rendered output back to the line its author wrote."""
