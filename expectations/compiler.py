"""The rule table compiled: every rule that one submission can be judged by, as SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from expectations.catalogue import Catalogue, Seeds, read_catalogue, read_rule_rows
from expectations.relations import presence, relation
from expectations.rules import Rule, type_rules
from expectations.selections import between, integral
from expectations.sql import Column, CompiledRule

#: The rule that the department asked for first runs first.
_FIRST = "III-06"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The compiled rules, those that wait for a later kind of check, and the version that names this judgement."""

    compiled: tuple[CompiledRule, ...]
    not_run: tuple[Rule, ...]
    version: str

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(sorted({column for rule in self.compiled for column in rule.columns}))


def read_rule_book(seeds: Seeds) -> RuleBook:
    """Read, check and compile ``rules`` against ``indicators``, from the seeds' folder or the warehouse's seed schema.

    Raises ``RuleError`` for a row that makes no sense, ``GateError`` where a table is missing.
    """
    catalogue = read_catalogue(seeds)
    return compile_rules(type_rules(read_rule_rows(seeds), catalogue), catalogue)


def compile_rules(rules: Iterable[Rule], catalogue: Catalogue) -> RuleBook:
    """Compile the rules that one submission can be judged by. The version changes with anything that could change an
    outcome or a side, and with nothing else."""
    ordered = sorted(rules, key=lambda rule: (rule.rule_id != _FIRST, rule.rule_id))
    compiled = tuple(compile_rule(rule, catalogue) for rule in ordered if rule.kind == "one submission")
    not_run = tuple(rule for rule in ordered if rule.kind != "one submission")
    content = [
        [c.rule.rule_id, c.severity, c.outcome, c.left_value, c.right_value, c.left_text, c.right_text]
        + [column.aggregate for column in sorted(c.columns)]
        for c in compiled
    ]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return RuleBook(compiled, not_run, digest[:16])


def compile_rule(rule: Rule, catalogue: Catalogue) -> CompiledRule:
    """One rule of kind ``one submission`` as SQL."""
    if rule.operator == "between":
        return between(rule, catalogue)
    if rule.operator == "integral":
        return integral(rule)
    if rule.operator in ("present_if", "absent_if_zero"):
        return presence(rule)
    return relation(rule)
