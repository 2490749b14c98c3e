"""The gate: main scan loop, presence detection, registrar, occupancy, status lookup, answer history."""
