"""All that the stand-in remembers: the store's records, its hooks, the app's registration and tokens."""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from app.sandbox.kit import Options

from .clock import Clock
from .errors import ApiError
from .limits import B2B_QUOTA, B2B_WINDOW_MS, RateLimit
from .records import Json, Order, Refund

STORE_HASH = "sandbox1"
STORE_ID = 1000001
FIXED_TOKEN = "sandbox-bc-token"
CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
APP_ID = 4711
B2B_SCOPE = "store_b2b_edition"  # assumed: the documentation names the scope in words only
DEFAULT_SCOPES = (
    "store_v2_orders store_v2_customers store_v2_products store_v2_information_read_only "
    "store_v2_transactions_read_only store_channel_settings_read_only store_cart_read_only store_inventory "
    f"{B2B_SCOPE}"
)
ALWAYS_GRANTED = ("store_v2_default", "users_basic_information")
DEFAULT_CURRENCY = "GBP"


@dataclass(frozen=True)
class Account:
    """An API account: whom a token belongs to and what it may do (scopes None: everything)."""

    name: str
    client_id: str
    secret: str
    scopes: frozenset[str] | None = None


@dataclass
class User:
    """A person who may open the control panel. Roles: owner, admin (authorised), staff."""

    id: int
    email: str
    name: str
    role: str
    locale: str = "en-GB"


@dataclass
class App:
    """The app as the developer portal knows it."""

    name: str
    auth_url: str
    load_url: str
    uninstall_url: str
    remove_user_url: str
    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    app_id: int = APP_ID
    scopes: str = DEFAULT_SCOPES
    account_uuid: str = "1d0b1f1a-6f5f-4a4c-9d4e-2c7f0a7b9c31"


@dataclass
class Hook:
    """A subscription of one API account."""

    id: int
    account: Account
    scope: str
    destination: str
    headers: dict[str, str] | None
    created: datetime
    updated: datetime
    last_activity: float  # monotonic seconds
    fires_from: float  # monotonic seconds: a new hook may take a while to fire
    is_active: bool = True
    status: str = "active"  # active, inactive, deactivated


@dataclass
class Installation:
    """The app in this store: accepted by whom, for which scopes, with which token."""

    user_id: int
    owner_email: str
    scopes: str
    token: str | None = None


@dataclass
class Code:
    """A one-time authorisation code."""

    value: str
    scope: str
    user_id: int
    used: bool = False


class Publisher(Protocol):
    """Takes events for delivery."""

    def publish(self, scope: str, data: Any) -> None:
        """One event; whoever subscribed to its scope gets it."""

    def clear(self) -> None:
        """Forget all deliveries."""


@dataclass
class Settings:
    """What the store's own settings decide."""

    tax_rate: Decimal = Decimal(0)  # percent, for catalogue lines whose prices were not given
    hook_delay_s: float = 0.0
    abandoned_after_s: float = 3600.0  # a cart's quiet, on the store's own clock
    stock_delay_s: float = 0.5  # adjustments are asynchronous: a read straight after may show the old figure; 0: not
    b2b: bool = True  # B2B Edition is an add-on
    customer_groups: bool = True  # some plans have none
    # Not documented, so switchable:
    archived_orders_listed: bool = False
    incomplete_orders_listed: bool = True
    shipments_set_status: bool = True

    def shown(self) -> Json:
        """The settings as JSON."""
        return {name: float(value) if isinstance(value, Decimal) else value for name, value in vars(self).items()}

    def change(self, given: Json) -> None:
        """Set some of them; a number where a number is, a flag where a flag is."""
        for name, value in given.items():
            own = getattr(self, name, None)
            if name not in vars(self) or isinstance(value, bool) != isinstance(own, bool):
                raise ApiError(422, f"Known settings: {', '.join(sorted(vars(self)))}; {name} does not fit.")
        for name, value in given.items():
            setattr(self, name, value if isinstance(value, bool) else type(getattr(self, name))(str(value)))


@dataclass
class State:
    """One store. Whoever reads or writes the records holds the lock."""

    options: Options
    store_hash: str = STORE_HASH
    lock: threading.RLock = field(default_factory=threading.RLock)
    publisher: Publisher | None = None

    def __post_init__(self) -> None:
        self.clock = Clock(self.lock, self.options.speed)
        self._empty()

    def _empty(self) -> None:
        self.rate_limit = RateLimit(self.options.limits)
        self.b2b_rate_limit = RateLimit(self.options.limits, B2B_QUOTA, B2B_WINDOW_MS)
        self.settings = Settings(b2b=self.options.seed == "demo")
        self.orders: dict[int, Order] = {}
        self.refunds: dict[int, Refund] = {}
        self.customers: dict[int, Json] = {}
        self.customer_by_email: dict[str, int] = {}
        self.addresses: dict[int, Json] = {}
        self.addresses_of: defaultdict[int, list[int]] = defaultdict(list)
        self.attributes: dict[int, Json] = {}
        self.attribute_values: dict[int, Json] = {}
        self.values_of: defaultdict[int, dict[int, int]] = defaultdict(dict)  # customer: attribute: value
        self.customer_groups: dict[int, Json] = {}
        self.products: dict[int, Json] = {}
        self.product_by_name: dict[str, int] = {}
        self.variants: dict[int, Json] = {}
        self.variants_of: defaultdict[int, list[int]] = defaultdict(list)
        self.variant_by_sku: dict[str, int] = {}
        self.channels_of: dict[int, set[int]] = {}  # product: channels it is listed in
        self.safety_stock: dict[int, int] = {}  # by variant
        self.counted: set[int] = set()  # variants whose stock was once set absolutely
        self.categories: dict[int, Json] = {}
        self.trees: dict[int, Json] = {}
        self.price_lists: dict[int, Json] = {}
        self.price_records: dict[int, dict[tuple[int, str], Json]] = {}
        self.price_assignments: dict[int, Json] = {}
        self.metafields: dict[int, Json] = {}
        self.metafields_of: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
        self.carts: dict[str, Json] = {}
        self.cart_touched: dict[str, float] = {}  # monotonic seconds
        self.abandoned: dict[str, str] = {}
        self.companies: dict[int, Json] = {}
        self.company_users: dict[int, Json] = {}
        self.company_addresses: dict[int, Json] = {}
        self.user_of_customer: dict[int, int] = {}
        self.users_of_company: defaultdict[int, list[int]] = defaultdict(list)
        self.hooks: dict[int, Hook] = {}
        self.hook_emails: list[str] = []
        self.currencies: dict[int, Json] = {}
        self.channels: dict[int, Json] = {}
        self.extensions: dict[int, Json] = {}
        self.users: dict[int, User] = {}
        self.app = registration(self.options.app_url)
        self.installation: Installation | None = None
        self.codes: dict[str, Code] = {}
        self.frame_messages: list[Json] = []
        self.tokens: dict[str, Account] = {FIXED_TOKEN: Account("outside", CLIENT_ID, CLIENT_SECRET)}
        self._sequences: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
        self._sequences["orders"] = itertools.count(100)

    def clear(self) -> None:
        """Forget everything, deliveries included."""
        with self.lock:
            if self.publisher:
                self.publisher.clear()
            self.clock.clear()
            self._empty()

    def next_id(self, name: str) -> int:
        """The next number of a kind of record."""
        return next(self._sequences[name])

    def account(self, token: str) -> Account | None:
        """Whose token this is."""
        return self.tokens.get(token)

    def drop_metafields(self, resource: str, number: int) -> None:
        """Forget the metafields of a record that is gone."""
        for metafield_id in self.metafields_of.pop((resource, number), []):
            del self.metafields[metafield_id]

    def emit(self, scope: str, data: Any) -> None:
        """Tell the hooks."""
        if self.publisher:
            self.publisher.publish(scope, data)

    @contextmanager
    def in_silence(self) -> Iterator[None]:
        """What happens meanwhile is not told to the hooks."""
        publisher, self.publisher = self.publisher, None
        try:
            yield
        finally:
            self.publisher = publisher

    @property
    def owner(self) -> User:
        """The store owner."""
        return next(user for user in self.users.values() if user.role == "owner")

    def currency(self, code: str) -> Json | None:
        """A currency of the store by its code."""
        return next((c for c in self.currencies.values() if c["currency_code"] == code), None)


def registration(app_url: str) -> App:
    """The app's entry in the developer portal, for an app that listens there."""
    base = f"{app_url.rstrip('/')}/bigcommerce"
    return App("Storeline", f"{base}/auth", f"{base}/load", f"{base}/uninstall", f"{base}/remove_user")


def as_list(rows: Mapping[Any, Json]) -> Sequence[Json]:
    """The rows of a table."""
    return list(rows.values())
