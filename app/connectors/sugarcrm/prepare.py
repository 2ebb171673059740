"""What there is in the instance: who we are, modules, fields, dropdowns, currencies. Nothing can be made over REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from app.connectors.base import Preparation
from app.connectors.sugarcrm.client import Answer, Client, Request
from app.connectors.sugarcrm.facts import Facts, key_fields
from app.connectors.sugarcrm.schema import (
    DROPDOWNS,
    FIELDS,
    KEYED,
    MODULES,
    NEEDED,
    OPPORTUNITIES,
    OWN_KEY,
    QUOTES,
    RLIS,
    TEMPLATES,
)

BASE = "-99"
WON_OR_LOST = ("Closed Won", "Closed Lost")
_TEXTS = frozenset({"varchar", "name", "phone", "url", "enum", "relate"})
_METADATA = "metadata?type_filter=modules,full_module_list,server_info,currencies,config&module_filter="


def prepare(client: Client, address: str) -> Preparation:
    """Two calls: who we are, then metadata, currencies and dropdowns in one bulk."""
    me = client.get("me")["current_user"]
    requests = [Request("GET", _METADATA + ",".join(MODULES)), Request("GET", "Currencies?max_num=1000")]
    requests += [Request("GET", f"{module}/enum/{name}") for module, name in DROPDOWNS]
    metadata, currencies, *enums = client.many(requests)
    if metadata.error is not None:
        raise metadata.error
    facts = _facts(me, metadata.body, currencies, dict(zip(DROPDOWNS, enums, strict=True)), address)
    return Preparation(
        missing=_missing(facts),
        advice=tuple(_advice(facts)),
        facts=facts.to_json(),
        acts_as=(facts.user_id,) if facts.user_id else (),
    )


def _facts(
    me: Mapping[str, Any],
    metadata: Mapping[str, Any],
    currencies: Answer,
    enums: Mapping[tuple[str, str], Answer],
    address: str,
) -> Facts:
    is_admin = me.get("type") == "admin"
    modules = tuple(name for name in _keys(metadata.get("full_module_list")) if name != "_hash")
    fields = {name: _map(_map(metadata.get("modules")).get(name)).get("fields") for name in MODULES}
    known = {name: _map(found) for name, found in fields.items() if _map(found)}
    base, found = _currencies(metadata.get("currencies"), currencies)
    info = _map(metadata.get("server_info"))
    custom = {module: [f.name for f in FIELDS if f.module == module and f.name in known[module]] for module in known}
    return Facts(
        organization_name=urlsplit(address).hostname or "",
        version=" ".join(filter(None, (str(info.get("flavor") or ""), str(info.get("version") or "")))),
        user_id=str(me.get("id") or ""),
        is_admin=is_admin,
        rli=_with_line_items(metadata, modules),
        modules=modules,
        base_currency=base,
        currencies=found,
        keys={module: key_fields(known[module], is_admin) for module in KEYED if module in known},
        custom={module: names for module, names in custom.items() if names},
        lengths={module: _lengths(known[module]) for module in known},
        values={f"{m}.{f}": list(_map(a.body)) for (m, f), a in enums.items() if a.error is None},
    )


def _with_line_items(metadata: Mapping[str, Any], modules: tuple[str, ...]) -> bool:
    config = _map(_map(_map(metadata.get("modules")).get(OPPORTUNITIES)).get("config"))
    mode = config.get("opps_view_by") or _map(_map(metadata.get("config")).get(OPPORTUNITIES)).get("opps_view_by")
    return RLIS in modules and mode in (None, RLIS)


def _currencies(listed: Any, answer: Answer) -> tuple[str, dict[str, str]]:
    """The base currency's ISO code, and every active currency's id; the base one may be in the metadata alone."""
    rows = [{**_map(row), "id": key} for key, row in _map(listed).items()]
    if answer.error is None:
        rows += _map(answer.body).get("records") or []
    found: dict[str, str] = {}
    base = ""
    for row in rows:
        code = str(row.get("iso4217") or "").upper()
        if str(row.get("id")) == BASE:
            base = code or base
        if code and str(row.get("status") or "Active") == "Active":
            found.setdefault(code, str(row["id"]))
    return base, {**found, **({base: BASE} if base else {})}


def _lengths(fields: Mapping[str, Any]) -> dict[str, int]:
    found = {}
    for name, field in fields.items():
        size = str(_map(field).get("len") or "")
        if _map(field).get("type") in _TEXTS and size.isdigit() and int(size):
            found[name] = int(size)
    return found


def _missing(facts: Facts) -> tuple[str, ...]:
    """Without these nothing goes."""
    unseen = (
        f"The connected user does not see the module {module}: check the licence and the role in SugarCRM."
        for module in NEEDED
        if module not in facts.modules
    )
    stages = facts.values.get("Opportunities.sales_stage") or ()
    unknown = (
        f"No sales stage stands for {words}: keep the item {wanted!r} in the list sales_stage_dom, or one with "
        f"“{hint}” in its name (Admin > Dropdown Editor). There are: {', '.join(filter(None, stages))}."
        for value, wanted, hint, words in (
            (facts.won, "Closed Won", "won", "sold"),
            (facts.lost, "Closed Lost", "lost", "called off"),
        )
        if stages and value not in stages
    )
    return (*unseen, *unknown)


def _advice(facts: Facts) -> list[str]:
    """What would show more, in words that an administrator can follow; everything works without."""
    advice = [
        f"Create the {field.type} field {field.name} ({field.label}) in Studio > {field.module} > Fields."
        for field in FIELDS
        if field.module in facts.modules and not facts.has(field.module, field.name)
    ]
    if not (facts.has(OPPORTUNITIES, "bc_gross_c") and facts.has(OPPORTUNITIES, "bc_refunded_c")):
        words = "Until bc_gross_c and bc_refunded_c exist, total and refunds are in the opportunities' description, "
        advice.append(words + "which is written over with every change of the order.")
    if not facts.is_admin:
        advice.insert(
            0,
            "The connected user is no administrator: keys of records may not be kept, changes are found by asking "
            f"instead of hooks, and products need the right to write {TEMPLATES}. Give it the role, or create the "
            f"TextField field {OWN_KEY} (100 characters) in Studio for "
            f"{', '.join(module for module in KEYED if module in facts.modules)}.",
        )
    advice += _lacking_values(facts)
    if QUOTES not in facts.modules:
        advice.append("The connected user does not see Quotes; the option for quotes does nothing.")
    return advice


def _lacking_values(facts: Facts) -> list[str]:
    """Values of dropdowns that somebody took out or renamed; those of won and lost are missing."""
    return [
        f"The list of {module}.{name} has no {wanted!r}: add the item under Admin > Dropdown Editor. Until then "
        "another value is written, or none."
        for (module, name), values in DROPDOWNS.items()
        if module in facts.modules and f"{module}.{name}" in facts.values
        for wanted in values
        if wanted not in WON_OR_LOST and facts.choice(f"{module}.{name}", wanted) is None
    ]


def _map(value: Any) -> dict[str, Any]:
    """A map, which PHP writes as [] when it is empty."""
    return value if isinstance(value, dict) else {}


def _keys(value: Any) -> list[str]:
    return list(value) if isinstance(value, dict | list) else []
