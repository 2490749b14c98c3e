"""The HTTP side of the hub: the contract, who asks, and how often and how many at once they may."""
