"""SAP Sales Cloud as a target of the engine."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import TO_STORE, Changes, CrmUser, Key, Option, Outcome, Preparation, Theirs, Write
from app.connectors.lists import Sale
from app.connectors.sap_sales_cloud import activities, opportunities, orders, people, prepare, products, sales, wayback
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.steps import Job
from app.connectors.sap_sales_cloud.writer import Writer
from app.domain import Cart, Company, Customer, Message, Order, Product, Record
from app.domain.fields import Fields
from app.domain.record import digest
from app.errors import Rejected, Unsupported


class SapSalesCloud:
    """One tenant."""

    name: ClassVar[str] = "sap-sales-cloud"
    label: ClassVar[str] = "SAP Sales Cloud"
    options: ClassVar[tuple[Option, ...]] = (
        Option("orders", "Sales orders", "Orders with their items; refunds are items of their own.", ("order",)),
        Option("customers", "Customers", "Customers as individual customers, or contacts of a company.", ("customer",)),
        Option("products", "Products", "Variants as products, by their SKU.", ("product",)),
        Option("companies", "Companies", "B2B companies as corporate accounts.", ("company",)),
        Option("carts", "Carts", "Abandoned carts as leads.", ("cart",)),
        Option(
            "carts_as_opportunities", "Carts as opportunities", "A cart of a known customer becomes an opportunity.",
            kinds=(), default=False,
        ),
        Option(
            "registrations_as_leads", "Registrations as leads",
            "Who registered and has not ordered is a lead until the first order.", kinds=(), default=False,
        ),
        Option(
            "opportunities", "Opportunities", "An opportunity beside every order, won once the order is a sale.",
            kinds=(), default=False,
        ),
        Option("messages", "Messages", "Messages on orders as completed tasks.", ("message",), default=False),
        Option(
            "activities", "Activities", "Orders placed, status changes, refunds and shipments as completed tasks.",
            kinds=(), default=False,
        ),
        Option(
            "groups_as_account_type", "Groups as roles",
            "A customer's group becomes the role, where the tenant has one of that name.", kinds=(), default=False,
        ),
        Option("customer_edits", "Edits of customers", "What is changed on customers in SAP.", ("customer",), TO_STORE),
        Option("product_edits", "Edits of products", "Names and prices changed in SAP.", ("product",), TO_STORE, False),
        Option("stock_edits", "Edits of stock", "Stock levels changed in SAP.", ("stock",), TO_STORE, False),
        Option(
            "order_status_edits", "Edits of orders", "Status and tracking changed in SAP.", ("order",), TO_STORE, False
        ),
        Option(
            "new_contacts", "New customers", "Who is entered in SAP becomes a customer of the store.",
            ("new_customer",), TO_STORE, False,
        ),
    )  # fmt: skip
    loads: ClassVar[Mapping[str, int]] = {}
    batch: ClassVar[dict[str, int]] = {
        "order": 100, "customer": 100, "product": 50, "company": 100, "cart": 100, "message": 100,
        "variant": 100,
    }  # fmt: skip
    inward: ClassVar[Mapping[str, str]] = wayback.INWARD

    def __init__(self, settings: Settings, account: Account) -> None:
        self.client = Client(settings, account)
        self._settings = settings
        self._user = _username(account.access_token)
        self._facts = Facts.read(account.facts, account.store, account.account_id, account.currency)
        self._switches = account.switches

    @property
    def calls(self) -> int:
        return self.client.calls

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        """Buyer, company and lead; variants; the opportunity, the cart that became the order, what was told already."""
        match record:
            case Customer():
                company = [("company", record.company_id)] if record.company_id else []
                return (*(("customer", i) for i in people.ids_of(record)), *company, ("lead", record.id))
            case Product():
                return tuple(("variant", variant_id) for variant_id in products.variants(record))
            case Order():
                variants = [("variant", variant_id) for variant_id in products.variants(record)]
                cart = [("cart", record.cart_id)] if record.cart_id else []
                told = [one.key for one in activities.of_order(record)] if self._on("activities") else []
                rest = (*variants, ("opportunity", record.id), *cart, *told)
                return tuple(dict.fromkeys((*self.refers_to(record.buyer), *rest)))
            case Cart():
                order = [("opportunity", record.order_id)] if record.order_id else []
                variants = [("variant", line.variant_id) for line in record.lines if line.variant_id]
                return tuple(dict.fromkeys((*self.refers_to(record.buyer), *order, *variants)))
            case Message():
                return (("customer", record.customer_id),) if record.customer_id else ()
        return ()

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        """An order's opportunity; a product's place has all its variants below it."""
        return (("opportunity", record_id),) if kind == "order" else ()

    def digest(self, record: Record) -> str:
        """Fingerprint of what would be sent."""
        match record:
            case Customer():
                flags = [self._on("groups_as_account_type"), self._on("registrations_as_leads")]
                return digest({**people.content(record, self._facts), "with": flags})
            case Product():
                return digest([products.body(variant, self._facts) for variant in record.variants])
            case Order():
                flags = [self._on("opportunities"), self._on("activities")]
                return digest({**orders.content(record, self._facts), "with": flags})
            case Cart():
                deal = opportunities.of_cart(record, Job(Write("cart", record.id, record)), self._facts)
                return digest({**opportunities.content(deal), "buyer": record.buyer, "order": record.order_id})
            case Company() | Message():
                return digest(record)
        raise Unsupported(f"SAP Sales Cloud has no place for a {record.kind}.")

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """Look up, parties, documents: a batch for each, and none where there is nothing to do."""
        return Writer(self.client, self._facts, self._switches).carry(writes)

    def check(self) -> None:
        """Reads the service document."""
        self.client.get("?$format=json")

    def prepare(self) -> Preparation:
        """Properties, codes, our own products; what an administrator should add, in words."""
        return prepare.prepare(self.client, self._settings, self._facts, self._user)

    def sales(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Sale]:
        """By when they were placed in the store."""
        return sales.between(self.client, self._facts, since, until)

    def shown(self, record: Record) -> Mapping[Key, Fields]:
        """What will be read back of the record once it is written."""
        return wayback.shown(record, self._facts)

    def read_many(self, kind: str, ids: Sequence[str]) -> Mapping[str, Theirs | Rejected | None]:
        """Records as they are now; obsolete ones are gone, unless one active record took their place."""
        return wayback.read_many(self.client, self._facts, kind, ids)

    def changes(self, kind: str, cursor: str) -> Changes:
        """By EntityLastChangedOn and the tenant's clock, with an overlap."""
        return wayback.changes(self.client, self._facts, kind, cursor)

    def subscribe(self, address: str) -> str:
        """An administrator enters the address under Event Notification; no documented interface does it for them."""
        return ""

    def unsubscribe(self, address: str) -> None:
        """The administrator takes it out; what still comes is not listened to."""

    def users(self) -> Sequence[CrmUser]:
        """Active employees with a business user."""
        return prepare.users(self.client)

    def _on(self, option: str) -> bool:
        return bool(self._switches.get(option))


def _username(token: str) -> str:
    try:
        return base64.b64decode(token).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
