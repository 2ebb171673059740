"""One composite call of queries that finds what may already be in the org."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.composite import COLLECTIONS
from app.connectors.salesforce.errors import translate
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.mappings import CUSTOMER_ID, LINE_ID, ORDER_ID, PRICE_ID, VARIANT_ID
from app.connectors.salesforce.values import literal
from app.domain import Customer
from app.domain.customer import fold
from app.errors import Misconfigured, StorelineError

LENGTH = 6000  # characters of a condition, well below the 16 KB that an address may have once it is encoded


@dataclass
class Wants:
    """What to look for."""

    customers: set[str] = field(default_factory=set)  # external ids, as all that is not said to be other
    emails: set[str] = field(default_factory=set)
    person_ids: set[str] = field(default_factory=set)  # their ids, as a duplicate rule told
    account_ids: set[str] = field(default_factory=set)
    variants: set[str] = field(default_factory=set)
    skus: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    opportunities: set[str] = field(default_factory=set)  # external ids of their orders

    def person(self, customer: Customer, email: str, facts: Facts) -> None:
        """Look for a person by id and e-mail."""
        self.customers |= {facts.external_id(our_id) for our_id in (customer.id, *customer.aliases)}
        if email:
            self.emails.add(fold(email))


@dataclass(frozen=True)
class FoundPerson:
    """A contact, or a person account."""

    contact_id: str
    account_id: str
    external: str
    email: str
    account_external: str


@dataclass(frozen=True)
class FoundProduct:
    """A product; `external` is the variant's external id, if it has one: of this store, of another, or anybody's."""

    id: str
    code: str
    external: str


@dataclass(frozen=True)
class FoundPrice:
    """A standard price."""

    id: str
    product_id: str
    external: str
    currency: str


@dataclass
class Found:
    """What there is, people the oldest first."""

    people: list[FoundPerson] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)  # id -> customer's external id on it
    products: list[FoundProduct] = field(default_factory=list)
    prices: dict[str, list[FoundPrice]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[str, str] = field(default_factory=dict)  # external id -> id
    opportunities: dict[str, str] = field(default_factory=dict)  # external id of the order -> id
    items: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # order -> line -> variant

    def product(self, external: str, sku: str) -> FoundProduct | None:
        """The product of a variant: the one with its external id, else the only one with its SKU that is nobody's."""
        for product in self.products:
            if product.external == external:
                return product
        free = [p for p in self.products if sku and p.code.casefold() == sku.casefold() and not p.external]
        return free[0] if len(free) == 1 else None

    def price(self, product_id: str, external: str, currency: str) -> FoundPrice | None:
        """The standard price of a product with this external id, else in this currency."""
        prices = self.prices.get(product_id, [])
        exact = [price for price in prices if price.external == external]
        return next(iter([*exact, *(price for price in prices if price.currency == currency)]), None)


def ask(client: Client, wants: Wants, facts: Facts) -> Found:
    """Run the queries that are needed; no call if there is nothing to look for."""
    found = Found()
    pending = list(_queries(wants, facts))
    for start in range(0, len(pending), COLLECTIONS):
        part = pending[start : start + COLLECTIONS]
        requests = [
            {"method": "GET", "url": client.query_path(soql), "referenceId": f"q{number}"}
            for number, (_, soql) in enumerate(part)
        ]
        body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": requests}
        answers = {a["referenceId"]: a for a in client.post("/composite", body)["compositeResponse"]}
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
    currency = ", CurrencyIsoCode" if facts.multi_currency else ""
    for where in _wheres(((VARIANT_ID, wants.variants), ("ProductCode", wants.skus))):
        yield _read_product, f"SELECT Id, ProductCode, {VARIANT_ID} FROM Product2 WHERE {where}"
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
    for ids in _in(wants.opportunities):
        yield _read_opportunity, f"SELECT Id, {ORDER_ID} FROM Opportunity WHERE {ORDER_ID} IN ({ids})"


def _people(wants: Wants, facts: Facts) -> Iterator[tuple[Any, str]]:
    if facts.person_accounts:
        read, email = _read_person_account, "PersonEmail"
        fields, table = f"Id, PersonContactId, PersonEmail, {CUSTOMER_ID}", "Account"
    else:
        read, email = _read_contact, "Email"
        fields, table = f"Id, Email, {CUSTOMER_ID}, AccountId, Account.{CUSTOMER_ID}", "Contact"
    conditions = ((CUSTOMER_ID, wants.customers), (email, wants.emails), ("Id", wants.person_ids))
    for where in _wheres(conditions):
        yield read, f"SELECT {fields} FROM {table} WHERE {where} ORDER BY CreatedDate, Id"


def _wheres(conditions: Iterable[tuple[str, set[str]]]) -> list[str]:
    """Conditions share a query while they are short: queries are what a composite holds fewest of."""
    wheres: list[str] = []
    for part in (f"{name} IN ({values})" for name, wanted in conditions for values in _in(wanted)):
        if wheres and len(wheres[-1]) + len(part) <= LENGTH:
            wheres[-1] += f" OR {part}"
        else:
            wheres.append(part)
    return wheres


def _in(values: Iterable[str]) -> Iterator[str]:
    part: list[str] = []
    for value in map(literal, sorted(values)):
        if part and sum(map(len, part)) + len(value) > LENGTH - 500:
            yield ", ".join(part)
            part = []
        part.append(value)
    if part:
        yield ", ".join(part)


def _read_contact(found: Found, row: Row) -> None:
    account = row.get("Account") or {}
    person = FoundPerson(
        row["Id"], row.get("AccountId") or "", row.get(CUSTOMER_ID) or "", row.get("Email") or "",
        account.get(CUSTOMER_ID) or "",
    )  # fmt: skip
    if person not in found.people:
        found.people.append(person)


def _read_person_account(found: Found, row: Row) -> None:
    external = row.get(CUSTOMER_ID) or ""
    person = FoundPerson(
        row.get("PersonContactId") or "", row["Id"], external, row.get("PersonEmail") or "", external
    )  # fmt: skip
    if person not in found.people:
        found.people.append(person)


def _read_account(found: Found, row: Row) -> None:
    found.accounts[row["Id"]] = row.get(CUSTOMER_ID) or ""


def _read_product(found: Found, row: Row) -> None:
    product = FoundProduct(row["Id"], row.get("ProductCode") or "", row.get(VARIANT_ID) or "")
    if product not in found.products:
        found.products.append(product)


def _read_price(found: Found, row: Row) -> None:
    price = FoundPrice(row["Id"], row["Product2Id"], row.get(PRICE_ID) or "", row.get("CurrencyIsoCode") or "")
    if price not in found.prices[price.product_id]:
        found.prices[price.product_id].append(price)


def _read_order(found: Found, row: Row) -> None:
    found.orders[row[ORDER_ID]] = row["Id"]


def _read_opportunity(found: Found, row: Row) -> None:
    found.opportunities[row[ORDER_ID]] = row["Id"]


def _read_item(found: Found, row: Row) -> None:
    variant = (row.get("Product2") or {}).get(VARIANT_ID) or ""
    found.items[row["Order"][ORDER_ID]][row[LINE_ID]] = variant
