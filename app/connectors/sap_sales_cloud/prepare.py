"""Reads what kind of tenant this is, makes the products of ours, and names what an administrator should add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from app.config import Settings
from app.connectors.base import CrmUser, Preparation
from app.connectors.sap_sales_cloud import metadata, names
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.errors import message
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.metadata import Schema
from app.connectors.sap_sales_cloud.odata import Row, either, literal, query, read_date, rows, set_name
from app.domain import ChargeKind
from app.errors import Misconfigured, NotFound

Codes = dict[str, str]  # code -> description

LISTS = {
    "id_types": (names.CUSTOMER_KEY, "IDTypeCode"),
    "roles": (names.CUSTOMER, "RoleCode"),
    "countries": (names.CUSTOMER, "CountryCode"),
    "approvals": (names.ORDER, "ApprovalStatusCode"),
    "cancellations": (names.ORDER, "CancellationReasonCode"),
    "opportunities": (names.OPPORTUNITY, "LifeCycleStatusCode"),
    "references": (names.REFERENCE, "TypeCode"),
    "leads": (names.LEAD, "UserStatusCode"),
    "tasks": (names.TASK, "Status"),
    "products": (names.PRODUCT, "Status"),
    "partners": (names.CUSTOMER, "LifeCycleStatusCode"),
}
STATES = (names.CUSTOMER, "StateCode")
# Our word -> the list, and the words of its entry that we go by, in SAP's English.
CODES = {
    "won": ("opportunities", ("won",)),
    "lost": ("opportunities", ("lost",)),
    "open": ("opportunities", ("open", "in process")),
    "running": ("opportunities", ("in process", "open")),
    "lead_won": ("leads", ("converted", "accepted", "qualified")),
    "lead_lost": ("leads", ("declined", "lost")),
    "task_done": ("tasks", ("completed",)),
    "product_active": ("products", ("active",)),
    "product_blocked": ("products", ("blocked",)),
    "blocked": ("partners", ("blocked",)),
    "order_reference": ("references", ("sales order", "customer order")),
}


def prepare(client: Client, settings: Settings, facts: Facts, username: str) -> Preparation:
    """What the tenant has, what we made there, and what is missing, in words."""
    document = client.text("$metadata")
    schema = metadata.parse(document, names.ENTITIES)
    lacking = [entity for entity in names.REQUIRED if not schema.has(entity)]
    if lacking:
        return Preparation(missing=tuple(f"The OData service c4codataapi does not offer {one}." for one in lacking))
    lists = _lists(client, document, schema)
    users = _users(client)
    advice = [*_extensions(schema)]
    found = Facts(
        store=facts.store,
        tenant=facts.tenant,
        properties=schema.to_json(),
        employee=_employee(users, username, advice),
        id_type=_id_type(lists["id_types"], settings.sap_id_type, advice),
        role=next((c for c, words in lists["roles"].items() if words.casefold() == "customer"), "CRM000"),
        roles={words.casefold(): code for code, words in lists["roles"].items()},
        countries=tuple(lists["countries"]),
        states=_states(client, document),
        in_approval=tuple(c for c, words in lists["approvals"].items() if words.casefold() == "in approval"),
        cancellation=next(iter(lists["cancellations"]), ""),
        codes={word: _code(lists[name], wanted) for word, (name, wanted) in CODES.items()},
        sales_area=tuple(filter(None, settings.sap_sales_area.split("/"))),
        users=_signatures(users, username),
    )
    created, own = _own_products(client, found, advice)
    kept = {**found.to_json(), "own_products": list(own)}
    return Preparation(tuple(created), advice=tuple(advice), facts=kept)


def users(client: Client) -> list[CrmUser]:
    """Who can own records: not locked, not expired; by business partner number, as documents want it."""
    return [
        CrmUser(
            str(row["BusinessPartnerID"]), str(row.get("BusinessPartnerFormattedName") or row.get("UserID") or ""),
            str(row.get("EmailURI") or ""),
        )
        for row in _users(client)
        if _can_own(row, client)
    ]  # fmt: skip


def _users(client: Client) -> list[Row]:
    try:
        found = list(client.all(query(set_name("BusinessUser"), format="json")))
    except (Misconfigured, NotFound):
        return []
    return [row for row in found if not _is_over(row, client)]


def _is_over(row: Row, client: Client) -> bool:
    until = read_date(row.get("UserValidityEndDate"))
    return bool(row.get("UserLockedIndicator")) or (until is not None and until < client.clock - timedelta(days=1))


def _can_own(row: Row, client: Client) -> bool:
    return bool(row.get("BusinessPartnerID")) and not _is_over(row, client)


def _employee(found: list[Row], username: str, advice: list[str]) -> str:
    able = [row for row in found if row.get("BusinessPartnerID")]
    own = [row for row in able if str(row.get("UserID", "")).casefold() == username.casefold()]
    first = next(iter([*own, *able]), None)
    if first is None:
        advice.append("No employee with an active business user can be read: opportunities and tasks need an owner.")
    return str(first["BusinessPartnerID"]) if first else ""


def _signatures(found: list[Row], username: str) -> tuple[str, ...]:
    """How changes by our user are signed: the user's name, or the employee's where the user is one."""
    own = [row for row in found if str(row.get("UserID", "")).casefold() == username.casefold()]
    named = [str(row.get("BusinessPartnerFormattedName") or "") for row in own]
    return tuple(dict.fromkeys(filter(None, (username, *named))))


def _id_type(codes: Codes, wanted: str, advice: list[str]) -> str:
    if wanted in codes:
        return wanted
    words = (code for code, text in codes.items() if "storeline" in text.casefold() or "bigcommerce" in text.casefold())
    found = next(words, "")
    if not found:
        advice.append(
            f"Create the identification type {wanted!r}, “BigCommerce”, under Business Configuration › Accounts › "
            "Identification types, so that our ids can be seen on customers. Until then customers who are in SAP "
            "already are used for orders, but not updated: they might be another store's."
        )
    return found


def _extensions(schema: Schema) -> list[str]:
    return [
        f"Create the text field “{field.removesuffix('_KUT')}” on {entity} by key-user adaptation and add it to the "
        "OData service c4codataapi."
        for entity, fields in names.EXTENSIONS.items()
        for field in fields.values()
        if not schema.has(entity, field)
    ]


# ---- code lists


def _lists(client: Client, document: bytes, schema: Schema) -> dict[str, Codes]:
    sets = metadata.code_lists(document, LISTS.values())
    asked = {name: sets.get(key) or set_name("".join(key)) for name, key in LISTS.items() if schema.has(*key)}
    answers = client.batch([(Operation("GET", query(entity_set, format="json")),) for entity_set in asked.values()])
    found: dict[str, Codes] = {name: {} for name in LISTS}
    for name, [answer] in zip(asked, answers, strict=True):
        if answer.ok:
            found[name] = {str(row.get("Code", "")): str(row.get("Description", "")) for row in rows(answer.body)}
    return found


def _states(client: Client, document: bytes) -> dict[str, Codes]:
    entity_set = metadata.code_lists(document, [STATES]).get(STATES) or set_name("".join(STATES))
    found: dict[str, Codes] = {}
    try:
        for row in client.all(query(entity_set, format="json")):
            context = next((str(value) for name, value in row.items() if name.startswith("Context")), "")
            found.setdefault(context, {})[str(row.get("Code", ""))] = str(row.get("Description", ""))
    except (Misconfigured, NotFound):
        return {}
    return found


def _code(codes: Codes, wanted: Iterable[str]) -> str:
    folded = {words.casefold(): code for code, words in reversed(codes.items())}
    return next((folded[words] for words in wanted if words in folded), "")


# ---- products of ours


def own_products() -> Mapping[str, str]:
    """The products that are not the store's: id -> name."""
    charges = {names.charge_id(kind.value): kind.value.replace("_", " ").capitalize() for kind in ChargeKind}
    return {**charges, names.REFUND: "Refund", names.PLACEHOLDER: "Item without a product"}


def product_body(product_id: str, name: str, facts: Facts) -> dict[str, Any]:
    """A product as it is made; with its sales area only if one is set."""
    body: dict[str, Any] = {"ProductID": product_id, "Description": name, "Language": "EN", "BaseUOM": "EA"}
    if facts.code("product_active"):
        body["Status"] = facts.code("product_active")
    if len(facts.sales_area) >= 2:
        sold = {"SalesOrganisationID": facts.sales_area[0], "DistributionChannel": facts.sales_area[1]}
        body[names.SALES_INFORMATION] = [{**sold, "Status": facts.code("product_active"), "SalesUoM": "EA"}]
    return facts.schema.created(names.PRODUCT, body)


def _own_products(client: Client, facts: Facts, advice: list[str]) -> tuple[list[str], list[str]]:
    wanted = own_products()
    paths = [
        query(set_name(names.PRODUCT), filter=some, format="json") for some in either("ProductID", map(literal, wanted))
    ]
    there = {str(row["ProductID"]) for found in client.read(paths) for row in found}
    new = [one for one in wanted if one not in there]
    changes = [(Operation("POST", set_name(names.PRODUCT), product_body(one, wanted[one], facts)),) for one in new]
    created = []
    for one, [answer] in zip(new, client.batch(changes), strict=True):
        if answer.ok:
            created.append(f"Product {one}")
            there.add(one)
        else:
            advice.append(f"The product {one} could not be made: {message(answer.body)}")
    return created, sorted(there)
