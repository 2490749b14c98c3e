"""The gate's side of HTTP: to its hub, or to a server that is not ours."""
