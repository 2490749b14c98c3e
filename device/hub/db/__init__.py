"""The database of the hub: tables, taking batches in, asking, true times, and what is forgotten."""
