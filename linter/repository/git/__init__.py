"""What Git knows of a repository: revisions and the index as trees, what they have in common, what was renamed."""
