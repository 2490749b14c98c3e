"""The registry of places: what is registered, where its posters hang, which gate guards it, and lists of many."""
