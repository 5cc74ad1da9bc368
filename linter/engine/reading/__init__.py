"""Files read and decoded, the states that objects form, and what of them a run is about."""
