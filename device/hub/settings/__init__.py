"""``hub.yaml``, the settings of a hub: schema, loading with line numbers, and the file that ``hub init`` writes."""
