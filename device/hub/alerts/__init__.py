"""Alerts: five fixed rules, what is wrong by them now, and messages about it to a webhook and by mail."""
