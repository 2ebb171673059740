"""Salesforce as a target of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Key, Option, Outcome, Preparation, Write
from app.connectors.salesforce import orders, people, prepare, products
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.mappings import ARCHIVED, ORDER_ID
from app.connectors.salesforce.values import literal
from app.connectors.salesforce.writer import Writer
from app.domain import Customer, Order, Product, Record
from app.domain.record import digest
from app.errors import Unsupported


class Salesforce:
    """One authorised org."""

    name: ClassVar[str] = "salesforce"
    label: ClassVar[str] = "Salesforce"
    options: ClassVar[tuple[Option, ...]] = (
        Option("orders", "Orders", "Orders with their lines, activated once they are sales.", ("order",)),
        Option("customers", "Customers", "Customers as contacts with an account.", ("customer",)),
        Option("products", "Products", "Variants as products with their standard price.", ("product",)),
        Option(
            "opportunities", "Opportunities", "An opportunity beside every order, won once the order is a sale.",
            kinds=(),
            default=False,
        ),
    )  # fmt: skip
    batch: ClassVar[dict[str, int]] = {"order": 100, "customer": 200, "product": 100}

    def __init__(self, settings: Settings, account: Account) -> None:
        self.client = Client(settings, account)
        self._facts = Facts.read(account.facts, account.store)
        self._switches = account.switches

    @property
    def calls(self) -> int:
        return self.client.calls

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        """Buyer and account, variants and charges, the opportunity."""
        match record:
            case Customer():
                return tuple((kind, i) for i in (record.id, *record.aliases) for kind in ("customer", "account"))
            case Product():
                return tuple(("variant", variant.id) for variant in record.variants)
            case Order():
                sold = (products.variant_of(line, record.currency, {}).id for line in record.settled())
                variants = [("variant", variant) for variant in sold]
                spare = (("variant", products.PLACEHOLDER), ("opportunity", record.id))
                return tuple(dict.fromkeys((*self.refers_to(record.buyer), *variants, *spare)))
        return ()

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        """An order's opportunity; a product's place has all its variants below it."""
        return (("opportunity", record_id),) if kind == "order" else ()

    def digest(self, record: Record) -> str:
        """Fingerprint of what would be sent."""
        match record:
            case Customer():
                return digest(people.content(record, self._facts))
            case Product():
                return digest(products.content(record))
            case Order():
                return digest(orders.content(record, self._facts, self._switches.get("opportunities", False)))
        raise Unsupported(f"Salesforce has no place for a {record.kind}.")

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """One write alone is all or nothing; many share calls."""
        writer = Writer(self.client, self._facts, self._switches)
        return [writer.alone(Job(writes[0]))] if len(writes) == 1 else writer.together(writes)

    def check(self) -> None:
        """Reads the org's limits."""
        self.client.get("/limits")

    def prepare(self) -> Preparation:
        """Fields, permissions, price book; what of it is missing, in words."""
        return prepare.prepare(self.client)

    def totals(self) -> dict[str, Any]:
        """The store's orders as Salesforce holds them; those archived there are no longer the store's."""
        found = self.client.query(
            f"SELECT {ORDER_ID}, BC_Currency__c, TotalAmount, BC_Refunded__c FROM Order "
            f"WHERE {ORDER_ID} LIKE {literal(self._facts.external_id('%'))} AND {ARCHIVED} = false"
        )
        rows = [row for row in found if self._facts.is_ours(row[ORDER_ID])]  # LIKE is loose about case and underscores
        totals: dict[str, Decimal] = {}
        for row in rows:
            net = Decimal(str(row["TotalAmount"] or 0)) - Decimal(str(row["BC_Refunded__c"] or 0))
            currency = row["BC_Currency__c"] or ""
            totals[currency] = totals.get(currency, Decimal(0)) + net
        return {"orders": len(rows), "totals": totals}
