"""From a tree to the states that its files declare: discovery, decoding, rendering, scope."""
