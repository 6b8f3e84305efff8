"""Keys and proofs: what this server signs, and how apps prove who they are."""
