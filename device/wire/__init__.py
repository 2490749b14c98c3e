"""The contract between a gate and its centre: one module a document, both directions."""
