"""Where what was rendered comes from: template lines, values, and what Applications say."""
