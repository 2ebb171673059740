"""Who wins: two versions of a record, what both last agreed on, and the merchant's rules, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.fields import Fields

BIGCOMMERCE, CRM = "bigcommerce", "crm"


class Rule(StrEnum):
    """The system of record of a field."""

    BOTH = "both"  # an edit on either side travels; edits on both are a conflict for a person
    LATEST = "latest"
    BIGCOMMERCE = "bigcommerce"
    CRM = "crm"
    FILL_IF_EMPTY = "fill_if_empty"
    ON_CREATE_ONLY = "on_create_only"  # afterwards either side keeps its own


@dataclass(frozen=True)
class Agreed:
    """The values at which both sides were last in step, each as its own side shows them.

    `is_own`: the record there is of our making (an order's buyer, say), even if it was never compared.
    """

    ours: Fields = field(default_factory=dict)
    theirs: Fields = field(default_factory=dict)
    is_own: bool = False


@dataclass(frozen=True)
class Versions:
    """The two versions of a record and their times; `shown` is what the CRM would show of ours."""

    ours: Fields
    theirs: Fields
    shown: Fields
    ours_at: datetime | None = None
    theirs_at: datetime | None = None
    is_echo: bool = False  # theirs was last changed by ourselves


@dataclass(frozen=True)
class Decision:
    """What a person chose between two values."""

    winner: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class Clash:
    """A change that did not simply travel: `winner` "" while nobody has decided."""

    field: str
    ours: str
    theirs: str
    agreed: str | None
    winner: str = ""
    by: str = ""


@dataclass(frozen=True)
class Merged:
    """What has to happen so that both sides agree again.

    `to_store`: values that the store is to take over. `stands`: values of the CRM that a write must not change.
    `to_crm`: the fields in which the CRM is to follow the store. `agreed` holds once all of that is written.
    """

    to_store: dict[str, str]
    to_crm: tuple[str, ...]
    stands: dict[str, str]
    clashes: tuple[Clash, ...]
    agreed: Agreed


def rule_for(rules: Mapping[str, Mapping[str, str]], kind: str, name: str) -> Rule:
    """The merchant's rule for a field, else for its kind, else BOTH."""
    chosen = rules.get(kind, {})
    return Rule(chosen.get(name) or chosen.get("*") or Rule.BOTH)


def merge(
    agreed: Agreed,
    versions: Versions,
    rules: Mapping[str, Rule],
    decided: Mapping[str, Decision] | None = None,
) -> Merged:
    """Field by field. `rules`: by field. `decided`: a person's word, good for the values that the person saw.

    Where the two never agreed on a field, both count as changed: an empty value is filled, two different ones are a
    conflict like any other; unless the record there is our own and nobody else has changed it since.
    """
    to_store: dict[str, str] = {}
    to_crm: list[str] = []
    stands: dict[str, str] = {}
    clashes: list[Clash] = []
    ours_agreed, theirs_agreed = dict(agreed.ours), dict(agreed.theirs)
    for name in (name for name in versions.theirs if name in versions.ours and name in rules):
        ours, theirs = versions.ours[name], versions.theirs[name]
        winner, clash = _winner(name, agreed, versions, rules[name], (decided or {}).get(name))
        if clash is not None:
            clashes.append(clash)
        if winner == CRM:
            to_store[name] = stands[name] = theirs
        elif winner == BIGCOMMERCE:
            to_crm.append(name)
        else:
            stands[name] = theirs
        if winner is None and clash is not None:
            continue  # still open: the old agreement stays, so that both changes are still seen as such
        ours_agreed[name] = theirs if winner == CRM else ours
        theirs_agreed[name] = versions.shown.get(name, "") if winner == BIGCOMMERCE else theirs
    # Once others have touched it, our own next write must not make it look untouched again.
    in_step = Agreed(ours_agreed, theirs_agreed, agreed.is_own and versions.is_echo)
    return Merged(to_store, tuple(to_crm), stands, tuple(clashes), in_step)


def _winner(
    name: str, agreed: Agreed, versions: Versions, rule: Rule, decided: Decision | None
) -> tuple[str | None, Clash | None]:
    """Whose value the other side takes over (None: neither), and what a person should see of it."""
    ours, theirs = versions.ours[name], versions.theirs[name]
    if theirs in (versions.shown.get(name), ours):
        return None, None
    before = agreed.ours.get(name)
    known = name in agreed.ours and name in agreed.theirs
    if not known and agreed.is_own and versions.is_echo:
        # Nobody but ourselves has ever touched it; what the store does not know, an order may have brought along.
        return (BIGCOMMERCE if ours else None), None
    ours_changed = not known or ours != before
    theirs_changed = not known or theirs != agreed.theirs[name]
    if not ours_changed and not theirs_changed:
        return None, None
    if decided is not None and (decided.ours, decided.theirs) == (ours, theirs):
        return decided.winner, Clash(name, ours, theirs, before, decided.winner, "person")
    if rule is Rule.ON_CREATE_ONLY:
        return None, None
    if rule is Rule.FILL_IF_EMPTY or not known:
        filled = CRM if not ours else BIGCOMMERCE if not theirs else None
        if filled is not None or rule is Rule.FILL_IF_EMPTY:
            return filled, None
    if ours_changed and theirs_changed:
        winner = _by_rule(rule, versions)
        return winner, Clash(name, ours, theirs, before, winner or "", f"rule: {rule}" if winner else "")
    changed, other = (BIGCOMMERCE, CRM) if ours_changed else (CRM, BIGCOMMERCE)
    if rule.value == other:  # an edit on the side that does not own the field is taken back, for all to see
        return other, Clash(name, ours, theirs, before, other, f"rule: {rule}")
    return changed, None


def _by_rule(rule: Rule, versions: Versions) -> str | None:
    if rule is Rule.LATEST:
        if versions.ours_at is None or versions.theirs_at is None:
            return None
        return CRM if versions.theirs_at > versions.ours_at else BIGCOMMERCE
    return rule.value if rule in (Rule.BIGCOMMERCE, Rule.CRM) else None
