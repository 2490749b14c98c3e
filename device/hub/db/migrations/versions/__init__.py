"""The steps, each a module named by its number; Alembic finds them by itself."""
