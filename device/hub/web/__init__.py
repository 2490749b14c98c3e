"""The desk: pages for people, made by the server, on a listener of their own; nothing here is for gates."""
