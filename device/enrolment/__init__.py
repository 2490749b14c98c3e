"""How a gate and a hub that have never met make sure of each other, and what the gate keeps of it."""
