"""Kustomize roots rendered by the program on PATH, after every reference has been resolved."""
