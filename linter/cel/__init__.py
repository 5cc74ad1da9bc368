"""Conditions in CEL, the Common Expression Language: one library behind our own interface, with limits and the functions of Kubernetes."""
