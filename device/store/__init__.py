"""The gate's durable memory: an append-only ledger in SQLite, and the same rows as an outbox.

`ledger` writes on the scan thread (`opening`, `writing`), `outbox` reads and settles on the sync thread, `reading`
reads back what is there, `chain` holds the hash chain (the hub uses it too). `limits`, `ballast` and `pruning` see
to it that the card suffices; `checkup` looks for damage, and `old_ledgers` delivers what was set aside.
"""
