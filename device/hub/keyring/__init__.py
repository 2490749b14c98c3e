"""Keys of the hub: the sealing keys of each day, TLS certificates, and what is public of them."""
