"""A BigCommerce store: where records come from, and where edits go back to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Edit, Edited
from app.connectors.bigcommerce import sales, writers
from app.connectors.bigcommerce.carts import Carts
from app.connectors.bigcommerce.client import B2B, Client, Quota
from app.connectors.bigcommerce.companies import Companies
from app.connectors.bigcommerce.customers import Customers
from app.connectors.bigcommerce.goods import Goods
from app.connectors.bigcommerce.hooks import Hooks
from app.connectors.bigcommerce.listing import Listing
from app.connectors.bigcommerce.names import Names
from app.connectors.bigcommerce.orders import Orders
from app.connectors.bigcommerce.readers import Fetched
from app.connectors.bigcommerce.windows import numbers
from app.connectors.bigcommerce.write_companies import CompanyWriter
from app.connectors.bigcommerce.write_customers import CustomerWriter
from app.connectors.bigcommerce.write_goods import GoodsWriter
from app.connectors.bigcommerce.write_orders import OrderWriter
from app.connectors.bigcommerce.writers import Writer
from app.connectors.lists import Heads, Sale, Span
from app.errors import Unsupported


@dataclass(frozen=True)
class StoreInfo:
    """What a store says of itself."""

    name: str
    currency: str
    timezone: str
    control_panel_url: str
    url: str


class BigCommerce:
    """One store. Raises the errors of app.errors and no others."""

    name: ClassVar[str] = "bigcommerce"

    def __init__(self, settings: Settings, account: Account) -> None:
        self._client = Client(
            settings.bigcommerce_api_url, account.account_id, account.access_token, account.purpose, account.gate
        )
        self._b2b = B2B(settings.bigcommerce_b2b_url, account.account_id, account.access_token, account.gate)
        names = Names(self._client)
        self._orders = Orders(self._client, names)
        self._customers = Customers(self._client, names)
        self._goods = Goods(self._client, names, account.currency, str(account.facts.get("url") or ""))
        self._carts = Carts(self._client, self._customers.fetch, self._orders.of_cart)
        self._companies = Companies(self._b2b)
        self._listing = Listing(self._client, self._b2b)
        self._writers: dict[str, Writer] = {
            "customer": CustomerWriter(self._client).update,
            "company": CompanyWriter(self._b2b).update,
            "product": GoodsWriter(self._client, self._goods).update,
            "order": OrderWriter(self._client, self._orders).update,
        }
        self.hooks = Hooks(self._client)

    @property
    def calls(self) -> int:
        """API calls made so far."""
        return self._client.calls + self._b2b.calls

    @property
    def quota(self) -> Quota | None:
        """The rate limit as the last answer told it."""
        return self._client.quota

    def fetch_many(
        self,
        kind: str,
        ids: Sequence[str],
        changed_since: datetime | None = None,
        parcels_since: datetime | None = None,
    ) -> dict[str, Fetched]:
        """The records as they are now, by our id; None: gone. A `variant` comes as the product that holds it."""
        if not ids:
            return {}
        match kind:
            case "order":
                return self._orders.fetch(numbers(ids), changed_since, parcels_since)
            case "message":
                return self._orders.messages(ids)
            case "cart":
                return self._carts.fetch(ids)
        fetchers = {
            "customer": self._customers.fetch,
            "company": self._companies.fetch,
            "product": self._goods.products,
            "variant": self._goods.variants,
            "category": self._goods.categories,
        }
        if kind not in fetchers:
            raise Unsupported(f"A store has no records of kind {kind}.")
        return fetchers[kind](numbers(ids))

    def count(self, kind: str, span: Span) -> int:
        """How many records a list has."""
        return self._listing.count(kind, span)

    def page(self, kind: str, span: Span, cursor: str = "") -> Heads:
        """A page of a list, in the order in which the records were made."""
        return self._listing.page(kind, span, cursor)

    def sales(self, since: datetime, until: datetime) -> Iterator[Sale]:
        """Every order that was placed in a range and is one now, with what it comes to."""
        return sales.between(self._client, self._orders, since, until)

    def update_many(self, edits: Sequence[Edit]) -> list[Edited]:
        """Carry fields back into the store; an edit without a record makes or finds a customer."""
        return writers.update_many(self._writers, edits)

    def check(self) -> None:
        """Reads what the store says of itself."""
        self.store_info()

    def store_info(self) -> StoreInfo:
        """Name, default currency, time zone and addresses of the store."""
        row = self._client.get("/v2/store")
        return StoreInfo(
            name=row.get("name") or "",
            currency=row.get("currency") or "",
            timezone=(row.get("timezone") or {}).get("name") or "UTC",
            control_panel_url=row.get("control_panel_base_url") or "",
            url=row.get("secure_url") or "",
        )
