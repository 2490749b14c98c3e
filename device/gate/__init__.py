"""The main loop, and what it needs to tell one visitor from the next."""
