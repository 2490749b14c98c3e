"""The hub's schema, step by step (Alembic): `device.hub.db.schema` runs it, nothing else does.

Each module in ``versions/`` is one step, named by its number. A step is one transaction: killed in the middle it has
not been. It never imports `device.hub.db.tables`, which say what comes out in the end.
"""
