"""Records of an org as they are now, in few calls; deleted ones, and who took their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from app.connectors.base import Ref, Theirs
from app.connectors.salesforce import fielding
from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.lookup import MERGEABLE
from app.connectors.salesforce.mappings import COMPANY_ID, CUSTOMER_ID, ORDER_ID, VARIANT_ID
from app.connectors.salesforce.values import literal
from app.errors import Rejected, Unsupported

INWARD = {"Contact": "customer", "Account": "account", "Lead": "lead", "Product2": "variant", "Order": "order"}
IDS = 200  # per query
HOPS = 5  # from one who was merged away to the next; people do not merge the merged for ever
_EXTERNAL = {
    "Contact": (CUSTOMER_ID,), "Account": (CUSTOMER_ID, COMPANY_ID), "Lead": (CUSTOMER_ID,), "Product2": (VARIANT_ID,),
    "Order": (ORDER_ID,),
}  # fmt: skip
_CONVERSION = ("IsConverted", "ConvertedContactId")


def read_many(
    client: Client, facts: Facts, currency: str, kind: str, ids: Sequence[str]
) -> dict[str, Theirs | Rejected | None]:
    """By id; None: deleted, and nothing took its place."""
    if kind not in INWARD:
        raise Unsupported(f"Nothing of Salesforce's {kind} goes back to the store.")
    rows = {row["Id"]: row for row in _rows(client, facts, kind, ids)}
    winners: dict[str, Row] = dict(rows)
    for _ in range(HOPS):
        masters = {row.get("MasterRecordId") for row in winners.values() if row["IsDeleted"]} - {None, *winners}
        if not masters:
            break
        winners |= {row["Id"]: row for row in _rows(client, facts, kind, sorted(map(str, masters)))}
    became = _converted(client, facts, kind, rows)
    prices = _prices(client, facts, currency, ids) if kind == "Product2" else {}
    return {record_id: _theirs(record_id, kind, winners, became, prices, facts) for record_id in ids}


def _rows(client: Client, facts: Facts, kind: str, ids: Sequence[str]) -> Iterator[Row]:
    extra = ["MasterRecordId"] if kind in MERGEABLE else []
    extra += _CONVERSION if kind == "Lead" else ()
    extra += ["IsPersonAccount"] if kind == "Account" and facts.person_accounts else []
    names = ["Id", "IsDeleted", "SystemModstamp", "LastModifiedById", *_externals(kind, facts), *extra]
    names += [name for name in fielding.columns(kind, facts) if name not in names]
    for start in range(0, len(ids), IDS):
        wanted = ", ".join(map(literal, ids[start : start + IDS]))
        yield from client.query(f"SELECT {', '.join(names)} FROM {kind} WHERE Id IN ({wanted})", deleted=True)


def _prices(client: Client, facts: Facts, currency: str, ids: Sequence[str]) -> dict[str, dict[str, str]]:
    where = f"Pricebook2Id = {literal(facts.pricebook)}"
    where += f" AND CurrencyIsoCode = {literal(currency)}" if facts.multi_currency else ""
    prices: dict[str, dict[str, str]] = {}
    for start in range(0, len(ids), IDS):
        wanted = ", ".join(map(literal, ids[start : start + IDS]))
        soql = f"SELECT Product2Id, UnitPrice FROM PricebookEntry WHERE {where} AND Product2Id IN ({wanted})"
        for row in client.query(soql):
            prices[row["Product2Id"]] = fielding.price(row["UnitPrice"], currency)
    return prices


def _converted(client: Client, facts: Facts, kind: str, rows: dict[str, Row]) -> dict[str, Row]:
    """The contacts that leads became, by the contact's id."""
    ids = sorted({row["ConvertedContactId"] for row in rows.values() if row.get("ConvertedContactId")})
    return {row["Id"]: row for row in _rows(client, facts, "Contact", ids)} if kind == "Lead" and ids else {}


def _theirs(
    record_id: str,
    kind: str,
    rows: dict[str, Row],
    became: dict[str, Row],
    prices: dict[str, dict[str, str]],
    facts: Facts,
) -> Theirs | None:
    asked, row = Ref(kind, record_id), rows.get(record_id)
    for _ in range(HOPS):
        if row is None or not row["IsDeleted"]:
            break
        row = rows.get(row.get("MasterRecordId") or "")
    if row is None or row["IsDeleted"]:
        return None
    if row.get("IsConverted") and row["ConvertedContactId"] in became:
        kind, row = "Contact", became[row["ConvertedContactId"]]
    form, place = fielding.account_form(row, facts) if kind == "Account" else kind, Ref(kind, row["Id"])
    return Theirs(
        asked,
        {**fielding.fields(form, row, facts), **prices.get(row["Id"], {})},
        datetime.fromisoformat(row["SystemModstamp"]),
        is_echo=bool(facts.user) and row["LastModifiedById"] == facts.user,
        merged_into=None if place == asked else place,
        store_id=_store_id(kind, row, facts),
    )


def _externals(kind: str, facts: Facts) -> list[str]:
    return [name for name in _EXTERNAL[kind] if facts.has(f"{kind}.{name}")]


def _store_id(kind: str, row: dict[str, Any], facts: Facts) -> str:
    externals = (row.get(name) or "" for name in _externals(kind, facts))
    return next((facts.our_id(external) for external in externals if facts.is_ours(external)), "")
