"""Durable storage: append-only ledger of check-ins (SQLite), its outbox, kept bundles.

`ledger` writes on the scan thread (`opening`, `writing`), `outbox` reads and settles on the sync thread, `reading`
reads back what is there; the hash chain is `device.wire.hash_chain` (the hub uses it too). `limits`, `ballast` and
`pruning` see to it that the card suffices; `checkup` looks for damage, and `old_ledgers` delivers what was set aside.
`bundle_store` keeps what was downloaded from the hub, `high_water_mark` the time that has been reached.
"""
