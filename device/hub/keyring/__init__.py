"""The keys of the hub: what is public of them, the sealing keys of each day, and its TLS certificates."""
