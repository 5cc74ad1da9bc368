"""Labels, annotations and selectors: their syntax, where objects hold them, what selectors match."""
