"""One Sugar instance in memory: its modules, rows, sessions, settings, and the lock that serialises access."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.sandbox.kit import Options
from app.sandbox.sugarcrm.emails import Addresses
from app.sandbox.sugarcrm.errors import forbidden, not_found
from app.sandbox.sugarcrm.fields import Field, Relationship
from app.sandbox.sugarcrm.schema import RLI, Schema
from app.sandbox.sugarcrm.sessions import Sessions
from app.sandbox.sugarcrm.store import Pairs, Row, Table

GLOBAL_TEAM = "1"
BASE_CURRENCY = "-99"
PLATFORMS = ("base", "mobile", "portal", "opi", "lpi", "api", "rest", "storeline", "thorn", "harness", "zucker")


@dataclass(frozen=True)
class Switches:
    """What differs from instance to instance, or is not known; changed by `POST /_sandbox/settings`."""

    platforms: tuple[str, ...] = PLATFORMS
    disable_unknown_platforms: bool = True
    unknown_platform_status: int = 422
    unknown_platform_label: str = "invalid_parameter"
    csp_hosts: tuple[str, ...] = ()  # hosts an administrator added to the content security policy
    opps_view_by: str = RLI
    max_num_cap: int = 1000
    required: str = "lenient"  # or strict: a record without a required field is refused
    strict_dropdowns: bool = False
    truncate: bool = True  # too long text is cut; else refused
    deleted_argument: bool = True  # lists take `deleted`
    cascade_fields: bool = True
    likely_from_price: bool = False  # likely_case not sent is derived from quantity and price
    lost_lines_count: bool = True  # line items closed lost are part of the opportunity's amount
    close_date: str = "latest"  # or earliest, of the line items
    unique_sync_keys: bool = True
    list_base_currency: bool = True  # `GET /Currencies` shows -99
    search_delay_seconds: float = 0.0  # how long the search index lags
    conflict_check: bool = True  # X-TIMESTAMP is looked at
    package_scan: bool = True
    serve_highest: str = "11.27"  # the highest REST version
    flavor: str = "ENT"
    version: str = "25.1.0"
    bean_names: Mapping[str, str] = field(default_factory=dict)  # module → bean, where a server differs
    oauth_keys: Mapping[str, str] = field(default_factory=lambda: {"sugar": ""})  # client id → secret


@dataclass(frozen=True)
class Actor:
    """Who acts: the user, with zone, rights and teams."""

    user: Row
    zone: ZoneInfo
    admin: bool
    teams: frozenset[str]

    @property
    def id(self) -> str:
        """The user's id."""
        return str(self.user["id"])


class Site:
    """Everything the stand-in remembers. Hold `lock` around each use."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """An instance with nothing in it; the seed comes after."""
        host = self.options.app_url
        self.switches = Switches(csp_hosts=(host,))
        self.schema = Schema()
        self.tables = {m.name: Table(m) for m in self.schema.modules.values()}
        self.pairs: dict[str, Pairs] = defaultdict(Pairs)
        self.emails = Addresses()
        self.sessions = Sessions()
        self.ahead = timedelta()
        self.numbers: dict[str, int] = defaultdict(int)
        self.preferences: dict[str, dict[str, Any]] = defaultdict(dict)
        self.favorites: set[tuple[str, str, str]] = set()  # user, module, id
        self.follows: set[tuple[str, str, str]] = set()
        self.viewed: dict[str, dict[tuple[str, str], datetime]] = defaultdict(dict)  # user → record → when
        self.audit: dict[str, list[Row]] = defaultdict(list)
        self.files: dict[tuple[str, str], bytes] = {}  # (record id or guid, field)
        self.packages: list[Any] = []
        self.dirty: dict[str, dict[str, None]] = {"Opportunities": {}, "ProductBundles": {}, "Quotes": {}}
        self.metadata_revision = 1
        self._actors: dict[str, Actor] = {}

    def switch(self, changes: Mapping[str, Any]) -> None:
        """Change switches; KeyError names one that does not exist, ValueError what is no value for one."""
        known = {f.name for f in fields(Switches)}
        for name in changes:
            if name not in known:
                raise KeyError(name)
        given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in changes.items()}
        if "opps_view_by" in given:
            self.schema.view_opportunities_by(given["opps_view_by"])
        self.switches = replace(self.switches, **given)
        self.metadata_revision += 1

    def settings(self) -> dict[str, Any]:
        """The switches as they stand."""
        return asdict(self.switches)

    def now(self) -> datetime:
        """The instance's clock to the second; the sandbox can be sent ahead."""
        return (datetime.now(UTC) + self.ahead).replace(microsecond=0)

    def actor(self, user: Row) -> Actor:
        """A user as one who acts."""
        known = self._actors.get(user["id"])
        if known is None:
            teams = frozenset(self.pairs["teams_users"].of(user["id"], left=False))
            known = Actor(user, zone_of(user), bool(user["is_admin"]), teams)
            self._actors[user["id"]] = known
        return known

    def forget_actors(self) -> None:
        """A user, team or preference changed."""
        self._actors.clear()

    def user_named(self, user_name: str) -> Row | None:
        """A user by the name that is typed at the login."""
        found = self.tables["Users"].find("user_name", user_name)
        return found[0] if found else None

    def administrator(self) -> Actor:
        """The first administrator."""
        return self.actor(self.tables["Users"].rows["1"])

    def visible(self, actor: Actor, row: Row) -> bool:
        """Whether one of the record's teams is one of the user's."""
        return actor.admin or any(team in actor.teams for team, _ in row["_teams"])

    def need(self, actor: Actor, module: str, record_id: str) -> Row:
        """A live record the user may see; 404 not_found otherwise."""
        self.check_module(actor, module)
        row = self.tables[module].rows.get(record_id)
        if row is None or not self.visible(actor, row):
            raise not_found(module, record_id)
        return row

    def check_module(self, actor: Actor, module: str) -> None:
        """404 for an unknown module, 403 for one of administrators."""
        if self.schema.need(module).admin_only and not actor.admin:
            raise forbidden(f"You are not authorized to view {module}. Contact your administrator if you need access.")

    def check_write(self, actor: Actor, module: str) -> None:
        """403 unless the user may write to the module."""
        self.check_module(actor, module)
        if self.schema.modules[module].admin_writes and not actor.admin:
            raise forbidden(f"You are not authorized to edit {module}. Contact your administrator if you need access.")

    def next_number(self, name: str) -> int:
        """The next auto-increment number."""
        self.numbers[name] += 1
        return self.numbers[name]

    def rate(self, currency_id: str | None) -> Any:
        """Units of a currency per unit of the base currency, None for an unknown one."""
        row = self.tables["Currencies"].rows.get(currency_id or BASE_CURRENCY)
        return row["conversion_rate"] if row else None

    def add_field(self, module: str, name: str, kind: str, **more: Any) -> Field:
        """A custom field, shown, filterable and indexed from now on."""
        known = self.schema.modules[module].fields if module in self.schema.modules else {}
        made = self.schema.add_field(module, name, kind, **more)
        if made.name in known and self.tables[module].is_indexed(made.name):
            return made
        self.tables[module].add_field(made)
        self.metadata_revision += 1
        return made

    def pairs_of(self, relationship: Relationship) -> Pairs:
        """The table of a many-to-many relationship."""
        return self.pairs[relationship.name]


def zone_of(user: Row) -> ZoneInfo:
    """The time zone a user chose; UTC if it is none."""
    try:
        return ZoneInfo(user.get("timezone") or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
