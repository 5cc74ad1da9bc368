"""Pods at work: how they live and end, their probes and resources, and the Services that reach them."""
