"""What holds for an object of any kind: its name, its metadata, its fields that never change, and a second one like it."""
