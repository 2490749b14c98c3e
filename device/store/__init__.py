"""The gate's durable memory: an append-only ledger in SQLite, and the same rows as an outbox.

`ledger` writes on the scan thread, `outbox` reads and settles on the sync thread, `reading` reads
back what is there, `chain` holds the hash chain (the hub uses it too).
"""
