"""The errors of the checks."""

from __future__ import annotations


class RuleError(Exception):
    """A row of the rule table can't be understood, or says something that the catalogue contradicts.

    ``rule_id`` names the row, ``column`` the cell, ``position`` the character in it (from 1).
    """

    def __init__(self, rule_id: str, column: str, position: int, reason: str) -> None:
        super().__init__(f"rule {rule_id}, {column}, character {position}: {reason}")
        self.rule_id = rule_id
        self.column = column
        self.position = position
        self.reason = reason


class GateError(Exception):
    """The gate could not do its work: a table that it reads is missing, or Great Expectations could not run a check."""


class MailError(Exception):
    """A mail could not be handed over; the message says why, without the password."""
