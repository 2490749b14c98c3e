"""Bundles that the hub publishes: policies, trust lists, lists of people, sealing keys."""
