"""Which findings somebody has accepted: by comment, annotation, configuration or baseline."""
