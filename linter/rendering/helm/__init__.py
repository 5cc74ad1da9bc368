"""Helm charts: read with the subcharts that stand in the repository, and rendered by Helm's own engine in worker processes."""
