"""Measuring the machine a gate stands on: ``gate-scanner doctor``. One module a check.

A check that judges measures first (`card.examine`), and says what its figures mean in a function of them alone
(`card.findings`): a list of `finding.Finding`, which the command prints as a table or as JSON.
"""
