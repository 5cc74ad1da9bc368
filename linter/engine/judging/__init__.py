"""From states to findings: which rules run, what they find, where it stands and what it is called."""
