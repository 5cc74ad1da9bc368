"""Makes the schemas that travel with the program, from what other projects publish. No lint needs it."""
