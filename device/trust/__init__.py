"""Trust lists: whose signatures on health certificates count."""
