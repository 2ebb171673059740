"""SugarCRM as a target of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Changes, CrmUser, Key, Option, Outcome, Preparation, Theirs, Write
from app.connectors.lists import Sale
from app.connectors.sugarcrm import (
    activities,
    carts,
    companies,
    hooks,
    orders,
    people,
    prepare,
    products,
    reading,
    sales,
)
from app.connectors.sugarcrm.client import Client
from app.connectors.sugarcrm.facts import Facts
from app.connectors.sugarcrm.options import OPTIONS
from app.connectors.sugarcrm.writer import Writer
from app.domain import Cart, Category, Company, Customer, Message, Order, Product, Record
from app.domain.fields import Fields
from app.domain.record import digest
from app.errors import Misconfigured, Rejected, Unsupported


class SugarCrm:
    """One authorised instance."""

    name: ClassVar[str] = "sugarcrm"
    label: ClassVar[str] = "SugarCRM"
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    loads: ClassVar[Mapping[str, int]] = {}
    batch: ClassVar[dict[str, int]] = {
        "order": 48, "customer": 25,  # 48 and two reads back make one bulk
         "product": 25, "cart": 50, "company": 25, "message": 50, "category": 50,
        "Contacts": 200, "Accounts": 200, "Leads": 200, "ProductTemplates": 200, "Opportunities": 200,
    }  # fmt: skip
    inward: ClassVar[Mapping[str, str]] = {
        "Contacts": "customer",
        "Accounts": "account",
        "Leads": "lead",
        "ProductTemplates": "variant",
        "Opportunities": "order",
    }

    def __init__(self, settings: Settings, account: Account) -> None:
        self.client = Client(settings, account)
        self._address = account.instance_url
        self._facts = Facts.read(account.facts, account.store)
        self._switches = account.switches

    @property
    def calls(self) -> int:
        return self.client.calls

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        """Buyer, account, lead and company; variants; the cart, the quote, what was told already."""
        match record:
            case Customer():
                return _person(record)
            case Product():
                categories = (("category", one.category_id) for one in record.variants if one.category_id)
                return tuple(dict.fromkeys((*(("variant", one.id) for one in record.variants), *categories)))
            case Company():
                return tuple(("customer", customer_id) for customer_id in record.customer_ids)
            case Cart():
                order = (("order", record.order_id),) if record.order_id else ()
                return (*_person(record.buyer), *order)
            case Message():
                return (("order", record.order_id), ("customer", record.customer_id))
            case Category():
                return tuple(("category", category_id) for category_id, _ in record.ancestors)
            case Order():
                return self._order_refers_to(record)
        return ()

    def _order_refers_to(self, order: Order) -> tuple[Key, ...]:
        variants = (("variant", line.variant_id) for line in order.lines if line.variant_id)
        cart = (("cart", order.cart_id),) if order.cart_id else ()
        told = activities.keys(order) if self._switches.get("activities") else ()
        return tuple(dict.fromkeys((*_person(order.buyer), *variants, *cart, ("quote", order.id), *told)))

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        """An order's quote; of a product nothing: its place names the variants below it."""
        return (("quote", record_id),) if kind == "order" else ()

    def digest(self, record: Record) -> str:
        """Fingerprint of what would be sent."""
        match record:
            case Customer():
                lead = self._switches.get("registrations_as_leads", False) and not record.has_ordered
                typed = record.group if self._switches.get("groups_as_account_type") else ""
                return digest([people.content(record, self._facts), lead, typed])
            case Product():
                return digest(_without_currency_errors(record, self._facts))
            case Order():
                return digest(self._order_content(record))
            case Company():
                return digest(companies.content(record, self._facts))
            case Cart():
                return digest(carts.content(record))
            case Message():
                return digest(activities.content(record))
            case Category():
                return digest([record.path, record.active])
        raise Unsupported(f"SugarCRM has no place for a {record.kind}.")

    def _order_content(self, order: Order) -> Any:
        try:
            sent = orders.content(order, self._facts)
        except Misconfigured as error:  # nothing will be sent; that is said when it is tried
            return [order, error.code]
        told = [key for _, key in activities.keys(order)] if self._switches.get("activities") else []
        return [sent, told, self._switches.get("quotes", False), order.is_deleted]

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """All share bulk calls; each stands or falls alone."""
        return Writer(self.client, self._facts, self._switches).write(writes)

    def check(self) -> None:
        """A ping."""
        self.client.get("ping")

    def prepare(self) -> Preparation:
        """Who we are, what there is; what of it is missing, and what would help, in words."""
        return prepare.prepare(self.client, self._address)

    def sales(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Sale]:
        """By when they were placed in the store."""
        return sales.between(self.client, self._facts, since, until)

    def shown(self, record: Record) -> Mapping[Key, Fields]:
        """What will be there, as read_many would tell it."""
        try:
            return reading.shown(record, self._facts, self._switches)
        except Misconfigured:
            return {}

    def read_many(self, kind: str, ids: Sequence[str]) -> Mapping[str, Theirs | Rejected | None]:
        """One call."""
        return reading.read_many(self.client, kind, ids, self._facts)

    def changes(self, kind: str, cursor: str) -> Changes:
        """A page of what changed, deleted records among it."""
        return reading.changes(self.client, kind, cursor, self._facts)

    def subscribe(self, address: str) -> str:
        """Web Logic Hooks, where we may make them."""
        return hooks.subscribe(self.client, address, self._facts)

    def unsubscribe(self, address: str) -> None:
        """Remove them."""
        hooks.unsubscribe(self.client, address, self._facts)

    def users(self) -> Sequence[CrmUser]:
        """Active users."""
        return reading.users(self.client)


def _person(customer: Customer) -> tuple[Key, ...]:
    ids = (customer.id, *customer.aliases)
    company = (("company", customer.company_id),) if customer.company_id else ()
    return (*((kind, one) for one in ids for kind in ("customer", "account", "lead")), *company)


def _without_currency_errors(product: Product, facts: Facts) -> Any:
    try:
        return products.content(product, facts)
    except Misconfigured as error:
        return [product, error.code]
