"""What one text means: names, quantities, schedules, time zones, image references, credentials. Nothing here knows an object."""
