"""One composite call of queries that finds what may already be in the org."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from app.connectors.base import Ref
from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.composite import COLLECTIONS
from app.connectors.salesforce.errors import translate
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import (
    Found,
    FoundCompany,
    FoundLead,
    FoundPerson,
    FoundPrice,
    FoundProduct,
    Mark,
    Wants,
)
from app.connectors.salesforce.mappings import (
    CART_ID,
    COMPANY_ID,
    CUSTOMER_ID,
    LINE_ID,
    ORDER_ID,
    PRICE_ID,
    VARIANT_ID,
)
from app.connectors.salesforce.values import literal
from app.errors import Misconfigured, StorelineError

HANDS = "CreatedById, LastModifiedById"  # whose a record is
MERGEABLE = ("Account", "Contact", "Lead")
LENGTH = 12_500  # characters of a condition once it is encoded, well below the 16 KB that an address may have
OWN = 500  # of these for what stands around a list


def ask(client: Client, wants: Wants, facts: Facts, found: Found | None = None) -> Found:
    """Run the queries that are needed, adding to what was found before; no call if there is nothing to look for."""
    found = found or Found()
    found.asked |= wants.places
    pending = list(_queries(wants, facts))
    for start in range(0, len(pending), COLLECTIONS):
        part = pending[start : start + COLLECTIONS]
        requests = [
            {
                "method": "GET",
                "url": client.query_path(soql, deleted=read is _read_place),
                "referenceId": f"q{number}",
            }
            for number, (read, soql) in enumerate(part)
        ]
        answers = client.composite(requests)
        for number, (read, _) in enumerate(part):
            answer = answers[f"q{number}"]
            if answer["httpStatusCode"] >= 300:
                raise _refusal(translate(answer["body"], answer["httpStatusCode"]))
            for row in client.rows(answer["body"]):
                read(found, row)
    return found


def _refusal(error: StorelineError) -> StorelineError:
    """In words for a merchant: a query is refused where the org is not (any more) as prepare() left it."""
    if not isinstance(error, Misconfigured):
        return error
    words = (
        "Storeline cannot find its records in Salesforce: a field is missing there or hidden from the connected user."
    )
    reason = error.message.strip().splitlines()[-1]  # above it stands the query
    return Misconfigured(f"{words} Check again to have it made or named. ({reason})", code=error.code)


def _queries(wants: Wants, facts: Facts) -> Iterator[tuple[Any, str]]:
    yield from _people(wants, facts)
    for ids in _in(wants.account_ids):
        yield _read_account, f"SELECT Id, {CUSTOMER_ID} FROM Account WHERE Id IN ({ids}) ORDER BY CreatedDate, Id"
    if facts.has(f"Account.{COMPANY_ID}"):
        for where in _wheres(((COMPANY_ID, wants.companies), ("Name", wants.company_names))):
            yield (
                _read_company,
                f"SELECT Id, Name, {COMPANY_ID}, {HANDS} FROM Account WHERE {where} ORDER BY CreatedDate, Id",
            )
    yield from _leads(wants, facts)
    currency = ", CurrencyIsoCode" if facts.multi_currency else ""
    for where in _wheres(((VARIANT_ID, wants.variants), ("ProductCode", wants.skus))):
        yield _read_product, f"SELECT Id, ProductCode, {VARIANT_ID}, {HANDS} FROM Product2 WHERE {where}"
    for where in _wheres(((f"Product2.{VARIANT_ID}", wants.variants), ("Product2.ProductCode", wants.skus))):
        yield (
            _read_price,
            f"SELECT Id, Product2Id, {PRICE_ID}{currency} FROM PricebookEntry "
            f"WHERE Pricebook2Id = {literal(facts.pricebook)} AND ({where})",
        )
    for ids in _in(wants.orders):
        yield _read_order, f"SELECT Id, {ORDER_ID} FROM Order WHERE {ORDER_ID} IN ({ids})"
        yield (
            _read_item,
            f"SELECT Id, {LINE_ID}, Order.{ORDER_ID}, Product2.{VARIANT_ID} FROM OrderItem "
            f"WHERE Order.{ORDER_ID} IN ({ids}) AND {LINE_ID} != null",
        )
    carts = ((CART_ID, wants.carts),) if facts.has(f"Opportunity.{CART_ID}") else ()
    names = ", ".join(("Id", ORDER_ID, *(name for name, _ in carts)))
    for where in _wheres(((ORDER_ID, wants.opportunities), *carts)):
        yield _read_opportunity, f"SELECT {names} FROM Opportunity WHERE {where}"
    for name in sorted({ref.kind for ref in wants.places}):
        master = ", MasterRecordId" if name in MERGEABLE else ""
        for ids in _in(ref.id for ref in wants.places if ref.kind == name):
            yield _read_place, f"SELECT Id, IsDeleted{master} FROM {name} WHERE Id IN ({ids})"


def _leads(wants: Wants, facts: Facts) -> Iterator[tuple[Any, str]]:
    both = ((CUSTOMER_ID, wants.registrations), (CART_ID, wants.carts))
    ours = [(name, values) for name, values in both if facts.has(f"Lead.{name}")]
    converted = ("IsConverted", "ConvertedAccountId", "ConvertedContactId")
    fields = ["Id", "Email", *converted, HANDS, *(name for name, _ in ours)]
    for where in _wheres((("Id", wants.lead_ids), *ours)):
        yield _read_lead, f"SELECT {', '.join(fields)} FROM Lead WHERE {where} ORDER BY CreatedDate, Id"


def _people(wants: Wants, facts: Facts) -> Iterator[tuple[Any, str]]:
    if facts.person_accounts:
        read, email = _read_person_account, "PersonEmail"
        fields, table = f"Id, PersonContactId, PersonEmail, {CUSTOMER_ID}, {HANDS}", "Account"
    else:
        read, email = _read_contact, "Email"
        account = f"AccountId, Account.{CUSTOMER_ID}, Account.CreatedById, Account.LastModifiedById"
        fields, table = f"Id, Email, {CUSTOMER_ID}, {HANDS}, {account}", "Contact"
    conditions = ((CUSTOMER_ID, wants.customers), (email, wants.emails), ("Id", wants.person_ids))
    for where in _wheres(conditions):
        yield read, f"SELECT {fields} FROM {table} WHERE {where} ORDER BY CreatedDate, Id"


def _wheres(conditions: Iterable[tuple[str, set[str]]]) -> list[str]:
    """Conditions share a query while they are short: queries are what a composite holds fewest of."""
    wheres: list[str] = []
    for part in (f"{name} IN ({values})" for name, wanted in conditions for values in _in(wanted)):
        if wheres and _size(wheres[-1]) + _size(part) <= LENGTH:
            wheres[-1] += f" OR {part}"
        else:
            wheres.append(part)
    return wheres


def _in(values: Iterable[str]) -> Iterator[str]:
    part, size = list[str](), 0
    for value in map(literal, sorted(values)):
        more = _size(f"{value}, ")
        if part and size + more > LENGTH - OWN:
            yield ", ".join(part)
            part, size = [], 0
        part.append(value)
        size += more
    if part:
        yield ", ".join(part)


def _size(text: str) -> int:
    return len(quote(text, safe=""))


def _hands(row: Row) -> frozenset[str]:
    """The users who made a record and changed it last."""
    return frozenset(row.get(name) or "" for name in HANDS.split(", "))


def _read_contact(found: Found, row: Row) -> None:
    account = row.get("Account") or {}
    person = FoundPerson(
        row["Id"], row.get("AccountId") or "", row.get(CUSTOMER_ID) or "", row.get("Email") or "",
        account.get(CUSTOMER_ID) or "", _hands(row), _hands(account),
    )  # fmt: skip
    if person not in found.people:
        found.people.append(person)


def _read_person_account(found: Found, row: Row) -> None:
    external = row.get(CUSTOMER_ID) or ""
    person = FoundPerson(
        row.get("PersonContactId") or "", row["Id"], external, row.get("PersonEmail") or "", external,
        _hands(row), _hands(row),
    )  # fmt: skip
    if person not in found.people:
        found.people.append(person)


def _read_account(found: Found, row: Row) -> None:
    found.accounts[row["Id"]] = row.get(CUSTOMER_ID) or ""


def _read_product(found: Found, row: Row) -> None:
    product = FoundProduct(row["Id"], row.get("ProductCode") or "", Mark(row.get(VARIANT_ID) or "", _hands(row)))
    if product not in found.products:
        found.products.append(product)


def _read_price(found: Found, row: Row) -> None:
    price = FoundPrice(row["Id"], row["Product2Id"], row.get(PRICE_ID) or "", row.get("CurrencyIsoCode") or "")
    if price not in found.prices[price.product_id]:
        found.prices[price.product_id].append(price)


def _read_order(found: Found, row: Row) -> None:
    found.orders[row[ORDER_ID]] = row["Id"]


def _read_opportunity(found: Found, row: Row) -> None:
    if row[ORDER_ID]:
        found.opportunities[row[ORDER_ID]] = row["Id"]
    if row.get(CART_ID):
        found.carts[row[CART_ID]] = Ref("Opportunity", row["Id"])


def _read_lead(found: Found, row: Row) -> None:
    lead = FoundLead(
        row["Id"], row["Email"] or "", row.get(CUSTOMER_ID) or "", row.get(CART_ID) or "", bool(row["IsConverted"]),
        row["ConvertedAccountId"] or "", row["ConvertedContactId"] or "", _hands(row),
    )  # fmt: skip
    if lead not in found.leads:
        found.leads.append(lead)
    if lead.cart_external:
        found.carts.setdefault(lead.cart_external, Ref("Lead", lead.id))


def _read_company(found: Found, row: Row) -> None:
    company = FoundCompany(row["Id"], row["Name"] or "", Mark(row[COMPANY_ID] or "", _hands(row)))
    if company not in found.companies:
        found.companies.append(company)


def _read_place(found: Found, row: Row) -> None:
    if not row["IsDeleted"]:
        found.alive.add(Ref(row["attributes"]["type"], row["Id"]))
    elif row.get("MasterRecordId"):
        found.winners[row["Id"]] = row["MasterRecordId"]


def _read_item(found: Found, row: Row) -> None:
    variant = (row.get("Product2") or {}).get(VARIANT_ID) or ""
    found.items[row["Order"][ORDER_ID]][row[LINE_ID]] = variant
