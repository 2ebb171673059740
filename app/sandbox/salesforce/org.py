"""One Salesforce org in memory: its features, data, sessions, allowance, and the lock that serialises access."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.sandbox.kit import Options
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.bus import Bus, Content, Entry
from app.sandbox.salesforce.events.feeds import CDC_ENTITIES, Feed, Feeds, Topic
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.ids import to_18
from app.sandbox.salesforce.schema import STANDARD, Schema
from app.sandbox.salesforce.sessions import Sessions
from app.sandbox.salesforce.store import Database, Row
from app.sandbox.salesforce.values import moment_text, show

FEATURES = ("person_accounts", "multi_currency", "orders_enabled", "state_country_picklists")


@dataclass(frozen=True)
class Switches:
    """What differs from org to org; changed by `POST /_sandbox/org`."""

    person_accounts: bool = False
    multi_currency: bool = False
    orders_enabled: bool = True
    state_country_picklists: bool = False
    negative_prices: bool = False  # the order setting that allows a negative UnitPrice
    reduction_orders: bool = False
    edit_activated: bool = False  # the user has Edit Activated Orders
    field_level_security: bool = False  # new fields stay invisible until a permission set shows them
    duplicate_rules: str = "alert"  # off, alert, block
    namespace: str = ""  # put before the names of fields made from now on
    instance_url: str = ""  # empty: the stand-in's own address
    daily_limit: int = 103_000  # Enterprise with three licences
    app_limit: int = 0  # per-app allowance; 0: none shown
    rotation: bool = True  # refresh token rotation
    session_seconds: int = 7200
    refresh_idle_days: int = 30
    ip_allow_list: tuple[str, ...] = ()  # networks that may redeem and refresh; empty: any
    run_as: str = "admin@sandbox.example"  # client credentials user; empty: none named
    login_hosts: tuple[str, ...] = ("login.salesforce.com", "test.salesforce.com")
    jwt_public_key: str = ""  # PEM of the app's certificate or key
    canvas_url: str = ""  # empty: the app's own panel
    currency: str = "GBP"  # as the stand-in store
    order_statuses: Mapping[str, Sequence[str]] = field(
        default_factory=lambda: {"Draft": ("Draft",), "Activated": ("Activated",)}
    )
    cdc_entities: tuple[str, ...] = CDC_ENTITIES  # objects selected for change data capture on the standard channel
    cdc_differences: bool = True  # changed long texts go as unified differences
    pubsub_keepalive_seconds: float = 270  # of the org's own time, see Options.speed
    pubsub_ends_expired: bool = False  # whether a stream ends when its access token does
    picklists: Mapping[str, Sequence[str]] = field(default_factory=dict)  # {"Order.Type": [...]}
    validation_rules: Sequence[
        Mapping[str, str]
    ] = ()  # {"object", "where" (SOQL condition of the error), "message", "field"?}


@dataclass
class RowLock:
    """The next `times` writes that touch these rows find them locked."""

    ids: frozenset[str]
    sobject: str
    times: int


class Org:
    """Everything the stand-in remembers. Hold `lock` around each use."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.bus = Bus()
        self.reset()

    def reset(self) -> None:
        """An org with nothing in it; the seed comes after."""
        with self.lock:
            self.switches = Switches()
            self.schema = Schema()
            self.db = Database(STANDARD)
            self.ahead = timedelta()
            self.sessions = Sessions()
            self.row_locks: list[RowLock] = []
            self.used = 0
            self.cursors: dict[str, Any] = {}
            self.jobs: dict[str, Any] = {}
            self.made = 0
            self.feeds = Feeds()
            self.bus.clear()
            self.deleted: dict[str, list[tuple[str, str]]] = {}  # object → (id, when), for the deleted resource
            self.rebuild()

    def rebuild(self) -> None:
        """Make the schema follow the switches."""
        statuses = tuple(s for group in self.switches.order_statuses.values() for s in group)
        self.schema.overrides = {("Order", "Status"): statuses}
        for name, values in self.switches.picklists.items():
            sobject, _, field_name = name.partition(".")
            self.schema.overrides[sobject, field_name] = tuple(values)
        self.hide_fields()

    def hide_fields(self) -> None:
        """Work out which custom fields the user may not see."""
        hidden: set[tuple[str, str]] = set()
        if self.switches.field_level_security:
            for name, custom in self.schema.custom:
                rows = self.db.tables["FieldPermissions"].find("Field", f"{name}.{custom.name}")
                if not any(row.get("PermissionsRead") for row in rows):
                    hidden.add((name, custom.name))
        self.schema.hidden = hidden
        self.schema.build(frozenset(f for f in FEATURES if getattr(self.switches, f)))
        self.feeds.forget()

    def switch(self, changes: Mapping[str, Any]) -> None:
        """Change switches; KeyError names one that does not exist."""
        known = {f.name: f for f in fields(Switches)}
        for name in changes:
            if name not in known:
                raise KeyError(name)
        tuples: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in changes.items()
        }
        with self.lock:
            self.switches = replace(self.switches, **tuples)
            self.rebuild()

    def add_field(self, sobject: str, custom: Field) -> None:
        """A new custom field, with its index if it is looked up by."""
        self.schema.add_custom(sobject, custom)
        if custom.indexed:
            self.db.tables[sobject].index(custom)
        self.hide_fields()

    def add_object(self, sobject: SObject) -> None:
        """A new object of the org's own, with its table."""
        self.schema.extra.append(sobject)
        self.db.add(sobject)
        self.hide_fields()

    def feed(self, entity: str) -> Feed | None:
        """Where the events of an object go; None: nowhere."""
        return self.feeds.of(self.schema, self.switches.cdc_entities, entity)

    def topic(self, name: str) -> Topic | None:
        """The topic of that name."""
        return self.feeds.topic(self.schema, self.switches.cdc_entities, name)

    def expire_events(self, hours: int) -> None:
        """Forget the events that are older by the org's clock."""
        self.bus.expire(self.now() - timedelta(hours=hours))

    def relay(self, topics: frozenset[str], *contents: Content) -> int:
        """Publish at once; the position of the first."""
        return self.bus.append([Entry(topics, self.now(), content) for content in contents])

    @property
    def url(self) -> str:
        """The instance url given with every token."""
        return self.switches.instance_url or self.options.url

    def now(self) -> datetime:
        """The org's clock; the sandbox can be sent ahead."""
        return datetime.now(UTC) + self.ahead

    def stamp(self) -> str:
        """Now, as the API writes it."""
        return moment_text(self.now())

    def usage(self) -> str:
        """The value of Sforce-Limit-Info."""
        shown = f"api-usage={self.used}/{self.switches.daily_limit}"
        if self.switches.app_limit:
            shown += f"; per-app-api-usage={self.used}/{self.switches.app_limit}(appName=Storeline)"
        return shown

    def count_call(self) -> None:
        """One more API call; 403 REQUEST_LIMIT_EXCEEDED when the allowance is gone."""
        limit = min(self.switches.daily_limit, self.switches.app_limit or self.switches.daily_limit)
        if self.options.limits and self.used >= limit:
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self.used += 1

    def check_lock(self, sobject: str, ids: Sequence[str]) -> None:
        """UNABLE_TO_LOCK_ROW while a lock asked for by the test holds one of these rows."""
        for lock in self.row_locks:
            if lock.sobject == sobject or lock.ids.intersection(ids):
                lock.times -= 1
                if lock.times <= 0:
                    self.row_locks.remove(lock)
                held = next((i for i in ids if i in lock.ids), ids[0] if ids else "")
                message = f"unable to obtain exclusive access to this record or 1 records: {held}"
                raise ApiError("UNABLE_TO_LOCK_ROW", message)

    def records(self, name: str) -> list[Row] | None:
        """All live records of an object with all their fields, for the control routes."""
        with self.lock:
            sobject = self.schema.find(name)
            if sobject is None:
                return None
            rows = self.db.tables[sobject.name].rows.values()
            return [{f.name: show(f, row) for f in sobject.fields.values()} for row in rows]

    def state(self) -> dict[str, Any]:
        """The switches as they stand."""
        return {**asdict(self.switches), "instance_url": self.url}

    def add_row_lock(self, ids: Sequence[str], sobject: str, times: int) -> None:
        """Lock rows for the next writes."""
        with self.lock:
            self.row_locks.append(RowLock(frozenset(to_18(i) or i for i in ids), sobject, times))
