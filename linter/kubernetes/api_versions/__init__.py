"""Versions of APIs: which exist, which are deprecated or gone, and what replaces them."""
