"""Accounts of the people who work at the desk: roles, passwords, second factor, sessions, and what they did."""
