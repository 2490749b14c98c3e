"""The two databases of a hub, for tests that hold on both."""

from __future__ import annotations

import pytest

from tests.support.new_hubs import hub_folder, make_tables

__all__ = ["both_databases", "hub_folder", "make_tables"]

both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"])
"""Marks tests that run on SQLite and on PostgreSQL; the fixture `database` of ``tests/hub`` says which."""
