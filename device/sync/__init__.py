"""The two loops beside the gate: check-ins out, bundles in."""
