"""The hub's database (SQLAlchemy): tables, taking batches in, queries, true times, enrolment codes, retention."""
