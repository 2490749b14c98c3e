"""Publishing bundles from the hub: policies, trust lists, lists of people, sealing keys."""
