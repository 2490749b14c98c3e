"""How the gate says that it is well: systemd, the log, figures, troubles, and a socket to ask by."""
