"""The sources of a run rendered: charts and Kustomize roots, and whose failures they have."""
