"""What the API server accepts of an object's structure: schemas of the built-in kinds, and what is wrong in a person's words."""
