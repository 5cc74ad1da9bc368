"""Where pods may run: what they demand of nodes, of each other, and what they tolerate."""
