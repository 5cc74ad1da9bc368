"""What a repository deploys: Applications looked for and resolved, and what then belongs to what."""
