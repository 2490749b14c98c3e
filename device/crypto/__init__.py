"""Keys: what signs, what seals, and what lies under the seal."""
