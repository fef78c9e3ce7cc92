"""The relations of one form over figures alone, written down for the peers (``plain_rules.py`` reads them)."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.quality_rules import plain_relations
from expectations.expression import Sum
from expectations.sql import as_sum


def write_rules(path: Path) -> list[str]:
    """Write them; their ids."""
    told = []
    for compiled in plain_relations():
        rule = compiled.rule
        told.append(
            {
                "rule_id": rule.rule_id,
                "severity": rule.severity,
                "operator": rule.operator,
                "left": _terms(as_sum(rule.left)),
                "right": _terms(as_sum(rule.right)),
                "is_zero_filled": rule.on_missing in ("zero_addends", "zero_right_side_required"),
                "fails_alone": rule.on_missing == "violate_if_one",
            }
        )
    path.write_text(json.dumps(told), encoding="utf-8")
    return [rule["rule_id"] for rule in told]


def _terms(side: Sum) -> list[tuple[float, str | None]]:
    return [(float(term.coefficient), term.operand.name if term.operand else None) for term in side.terms]
