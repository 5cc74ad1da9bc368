"""What Argo CD's objects mean: Applications, ApplicationSets, and how the repo-server reads a source."""
