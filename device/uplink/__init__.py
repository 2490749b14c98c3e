"""HTTP client of the gate: to its hub, or to a webhook on a server that is not ours."""
