"""What people who come see of the hub on their own phones, at an address that these trust: the page of a poster."""
