"""The relations of one form as every peer is given them (``rules.json``), and as SQL. Knows nothing of this project.

A rule has two sides, each a list of (coefficient, line or None for a number). ``is_zero_filled``: of a sum's addends those
left blank are 0, when one is there. ``fails_alone``: one side without the other breaks it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Rule = dict[str, Any]


def read_rules(path: Path) -> list[Rule]:
    rules: list[Rule] = json.loads(path.read_text(encoding="utf-8"))
    return rules


def codes_of(rules: list[Rule]) -> list[str]:
    """The lines that the rules look at."""
    return sorted({code for rule in rules for side in ("left", "right") for _, code in rule[side] if code})


def form_sql(rules: list[Rule]) -> str:
    """A query of one row a report, one column a line."""
    columns = ", ".join(
        f"max(value) filter (where indicator_code = '{code}') as \"{code}\"" for code in codes_of(rules)
    )
    return f"select submission_id, {columns} from raw.submission_line group by submission_id"


def results_sql(rules: list[Rule], form: str) -> str:
    """A query of the failed rules by report, and of one row for each report that it was looked at."""
    checks = [
        f"select submission_id, '{rule['rule_id']}' as rule_id, '{rule['severity']}' as severity, 'failed' as outcome"
        f" from {form} where {_broken(rule)}"
        for rule in rules
    ]
    looked_at = f"select submission_id, 'all' as rule_id, 'info' as severity, 'passed' as outcome from {form}"
    return "\nunion all\n".join([*checks, looked_at])


def _broken(rule: Rule) -> str:
    here = [_present(rule, side) for side in ("left", "right")]
    sides = f"{_total(rule, 'left')} {'>' if rule['operator'] == '<=' else '<>'} {_total(rule, 'right')}"
    broken = f"({here[0]} and {here[1]} and {sides})"
    return f"({broken} or ({here[0]}) <> ({here[1]}))" if rule["fails_alone"] else broken


def _present(rule: Rule, side: str) -> str:
    codes = [code for _, code in rule[side] if code]
    word = " or " if rule["is_zero_filled"] and len(codes) > 1 else " and "
    return "(" + (word.join(f'"{code}" is not null' for code in codes) or "true") + ")"


def _total(rule: Rule, side: str) -> str:
    is_filled = rule["is_zero_filled"] and sum(bool(code) for _, code in rule[side]) > 1

    def term(coefficient: float, code: str | None) -> str:
        column = "1" if code is None else f'coalesce("{code}", 0)' if is_filled else f'"{code}"'
        return f"{coefficient} * {column}"

    return "(" + " + ".join(term(*one) for one in rule[side]) + ")"
