"""The rule table compiled: every rule as SQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from expectations import documents, outliers, periods, repetition
from expectations.catalogue import Catalogue, Seeds, read_catalogue, read_rule_rows
from expectations.expression import Sum
from expectations.relations import presence, relation
from expectations.rules import Rule, type_rules
from expectations.selections import between, integral
from expectations.sql import CaseRule, Column, CompiledRule

#: The rule that the department asked for first runs first.
_FIRST = "III-06"


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The compiled rules (``compiled`` from one row of the operand table, ``cases`` from prepared cases), and the version
    that names this judgement."""

    compiled: tuple[CompiledRule, ...]
    cases: tuple[CaseRule, ...]
    version: str

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(sorted({column for rule in self.compiled for column in rule.columns}))

    @property
    def all(self) -> tuple[CompiledRule | CaseRule, ...]:
        """Every rule, in the order in which they run."""
        return (*self.compiled, *self.cases)


def read_rule_book(seeds: Seeds) -> RuleBook:
    """Read, check and compile ``rules`` against ``indicators``, from the seeds' folder or the warehouse's seed schema.

    Raises ``RuleError`` for a row that makes no sense, ``GateError`` where a table is missing.
    """
    catalogue = read_catalogue(seeds)
    return compile_rules(type_rules(read_rule_rows(seeds), catalogue), catalogue)


def compile_rules(rules: Iterable[Rule], catalogue: Catalogue) -> RuleBook:
    """Compile all rules. The version changes with anything that could change an outcome or a side, and with nothing
    else."""
    ordered = sorted(rules, key=lambda rule: (rule.rule_id != _FIRST, rule.rule_id))
    made = [compile_rule(rule, catalogue) for rule in ordered]
    content = json.dumps([rule.content for rule in made] + list(_PREPARED), ensure_ascii=False)
    return RuleBook(
        tuple(rule for rule in made if isinstance(rule, CompiledRule)),
        tuple(rule for rule in made if isinstance(rule, CaseRule)),
        hashlib.sha256(content.encode()).hexdigest()[:16],
    )


def compile_rule(rule: Rule, catalogue: Catalogue) -> CompiledRule | CaseRule:
    """One rule as SQL."""
    if rule.operator in _CASES:
        return _CASES[rule.operator](rule)
    if rule.operator == "between":
        return between(rule, catalogue)
    if rule.operator == "integral":
        return integral(rule)
    if rule.operator in ("present_if", "absent_if_zero"):
        return presence(rule)
    if isinstance(rule.left, Sum) and any(operand.kind == "flow" for operand in rule.left.operands):
        return periods.flows(rule)
    return relation(rule)


_CASES: dict[str, Callable[[Rule], CaseRule]] = {
    "within": periods.stocks,
    "differs": repetition.differs,
    "round": repetition.rounded,
    "dated": documents.dated,
    "ordered": documents.ordered,
    "registered": documents.registered,
    "near": outliers.near,
    "per_day_near": outliers.per_day_near,
}

#: The tables that cases are read from.
_PREPARED = (
    periods.PREPARE,
    documents.BOOKS,
    documents.PREPARE,
    outliers.PEERS,
    outliers.HISTORY,
    repetition.FIGURES,
    repetition.PREPARE,
)
