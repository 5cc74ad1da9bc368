"""How authors write values: where that counts, and where something else is read than was meant."""
