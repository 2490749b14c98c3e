"""The only builder: opens what a checked site file names, ties the parts together, and runs the gate."""
