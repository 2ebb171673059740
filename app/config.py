"""Settings, read once from `STORELINE_*` environment variables; the only reader of the environment."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "STORELINE_"
NUMBERS = (
    "web_threads", "web_processes", "session_minutes", "webhook_tolerance", "retention_days", "payload_days",
    "uninstall_days", "poll_seconds", "refill_minutes", "compare_hour", "sap_batch_parts", "history_share",
)  # fmt: skip
ADDRESSES = (
    "public_url", "bigcommerce_login_url", "bigcommerce_api_url", "bigcommerce_b2b_url", "salesforce_login_url",
)  # fmt: skip


class ConfigurationError(Exception):
    """Everything that is wrong with the configuration, at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def _setting(help: str, default: str, *, secret: bool = False, production: bool = False) -> str:
    """A setting. `production`: its default is of no use there; `secret`: never shown."""
    metadata = {"help": help, "secret": secret, "production": production}
    value: str = field(default=default, repr=not secret, metadata=metadata)
    return value


@dataclass(frozen=True)
class Settings:
    """All settings as text, as the environment gives them; typed views are properties."""

    environment: str = _setting("`development` or `production`; production refuses stand-in addresses", "development")
    public_url: str = _setting("Where browsers and vendors reach us", "http://localhost:8000", production=True)
    bind: str = _setting("Address and port that `storeline web` listens on", "127.0.0.1:8000")
    web_threads: str = _setting("Threads of each web process", "16")
    web_processes: str = _setting("Web processes; keep 1 with SQLite", "1")
    state_dir: str = _setting("Folder of the embedded database and Redis", ".state")
    database_url: str = _setting("SQLAlchemy address; empty: SQLite in the state folder", "")
    redis_url: str = _setting("Redis address; empty: the embedded server in the state folder", "")
    encryption_keys: str = _setting(
        "Key ring for tokens at rest: `id:base64-of-32-bytes`, comma separated, the newest first",
        "dev:" + base64.b64encode(b"storeline development key, 32 by").decode(),
        secret=True,
        production=True,
    )
    session_secret: str = _setting(
        "Signs the bearers of our embedded pages", "development-session-secret-32-bytes!", secret=True, production=True
    )
    session_minutes: str = _setting("Life of a bearer of an embedded page", "15")
    retention_days: str = _setting("Days that webhooks, attempts and finished deliveries are kept", "90")
    payload_days: str = _setting("Days that what was sent and received is kept in the audit", "30")
    uninstall_days: str = _setting("Days after uninstalling until a store's data are deleted", "30")
    poll_seconds: str = _setting("Seconds between two looks at what changed in a CRM", "60")
    history_share: str = _setting("Percent of a store's calls per window that loading history may use", "50")
    refill_minutes: str = _setting("Minutes between two looks at what changed in a store and was not told", "60")
    compare_hour: str = _setting("Hour of the store's day at which both sides' orders are compared", "2")
    log_level: str = _setting("`debug`, `info`, `warning`", "info")
    bigcommerce_client_id: str = _setting("The app's client id", "sandbox-client", production=True)
    bigcommerce_client_secret: str = _setting("The app's client secret", "sandbox-secret", secret=True, production=True)
    bigcommerce_login_url: str = _setting("OAuth host of BigCommerce", "https://login.bigcommerce.com")
    bigcommerce_api_url: str = _setting("API host of BigCommerce", "https://api.bigcommerce.com")
    bigcommerce_b2b_url: str = _setting(
        "API address of BigCommerce's B2B Edition", "https://api-b2b.bigcommerce.com/api/v3/io"
    )
    bigcommerce_app_id: str = _setting("The app's number in the control panel, for links back", "1")
    bigcommerce_frame_ancestors: str = _setting(
        "Hosts that may frame the settings UI, space separated",
        "https://*.mybigcommerce.com https://*.bigcommerce.com",
    )
    allow_private_hosts: str = _setting(
        "`1`: typed-in addresses may be of private networks, and http on this machine", "0"
    )
    webhook_tolerance: str = _setting("Seconds that a webhook's timestamp may be off; 0: any age", "300")
    salesforce_client_id: str = _setting("Consumer key of the External Client App", "sandbox-client", production=True)
    salesforce_client_secret: str = _setting("Its secret", "sandbox-secret", secret=True, production=True)
    salesforce_login_url: str = _setting("Authorisation host of Salesforce", "https://login.salesforce.com")
    salesforce_api_version: str = _setting("REST API version", "66.0")
    salesforce_pubsub: str = _setting(
        "Host of Salesforce's Pub/Sub API; `http://host:port` for one without TLS", "api.pubsub.salesforce.com:7443"
    )
    salesforce_cdc_topic: str = _setting("Channel of change events that is listened to", "/data/ChangeEvents")
    salesforce_event_topic: str = _setting(
        "Platform event about orders, as `/event/BC_Order_Status__e`; empty: none", ""
    )
    salesforce_namespace: str = _setting("Namespace of our package's fields, without the underscores", "")
    salesforce_frame_ancestors: str = _setting(
        "Hosts that may frame the Salesforce panel, space separated",
        "https://*.lightning.force.com https://*.my.salesforce.com https://*.vf.force.com https://*.salesforce.com",
    )
    sap_batch_parts: str = _setting("Reads and writes that one `$batch` call to SAP Sales Cloud may hold", "100")
    sap_id_type: str = _setting("Code of the identification type that holds our ids in SAP Sales Cloud", "SHOP")
    sap_sales_area: str = _setting(
        "Sales area of SAP orders and products, `organisation/channel/division`; empty: none is set", ""
    )
    sap_frame_ancestors: str = _setting(
        "Hosts that may frame the SAP Sales Cloud panel besides the connected tenant, space separated",
        "https://*.crm.cloud.sap",
    )
    sugarcrm_platform: str = _setting("Our API platform in SugarCRM: one session per user and platform", "storeline")

    def __post_init__(self) -> None:
        problems = [*self._format_problems(), *(self._production_problems() if self.production else ())]
        if problems:
            raise ConfigurationError(problems)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings from the environment; raises ConfigurationError naming every wrong or unknown variable."""
        environ = os.environ if environ is None else environ
        known = {f.name for f in fields(cls)}
        given = {k.removeprefix(PREFIX).lower(): v for k, v in environ.items() if k.startswith(PREFIX)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise ConfigurationError([f"{PREFIX}{name.upper()} is not a setting" for name in unknown])
        return cls(**given)

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{Path(self.state_dir).absolute() / 'storeline.db'}"

    @property
    def key_ring(self) -> dict[str, bytes]:
        """Encryption keys by id, the newest first."""
        ring = {}
        for entry in filter(None, (part.strip() for part in self.encryption_keys.split(","))):
            key_id, _, encoded = entry.partition(":")
            ring[key_id] = base64.b64decode(encoded, validate=True)
        return ring

    def absolute(self, path: str) -> str:
        """A path of ours as the outside world addresses it."""
        return self.public_url.rstrip("/") + path

    def _format_problems(self) -> list[str]:
        problems = []
        if self.environment not in ("development", "production"):
            problems.append(f"{PREFIX}ENVIRONMENT must be development or production, not {self.environment!r}")
        for name in NUMBERS:
            if not getattr(self, name).isdigit():
                problems.append(f"{PREFIX}{name.upper()} must be a whole number, not {getattr(self, name)!r}")
        for name in ADDRESSES:
            if urlsplit(getattr(self, name)).scheme not in ("http", "https"):
                problems.append(f"{PREFIX}{name.upper()} must be an http(s) address")
        try:
            if any(len(key) != 32 for key in self.key_ring.values()) or not self.key_ring:
                problems.append(f"{PREFIX}ENCRYPTION_KEYS: every key must be 32 bytes")
        except (binascii.Error, ValueError):
            problems.append(f"{PREFIX}ENCRYPTION_KEYS must be id:base64, comma separated")
        return problems

    def _production_problems(self) -> list[str]:
        problems = [
            f"{PREFIX}{f.name.upper()} must be set in production"
            for f in fields(self)
            if f.metadata["production"] and getattr(self, f.name) == f.default
        ]
        for name in ADDRESSES:
            if urlsplit(getattr(self, name)).scheme != "https":
                problems.append(f"{PREFIX}{name.upper()} must be https in production")
        if self.salesforce_pubsub.startswith("http:"):
            problems.append(f"{PREFIX}SALESFORCE_PUBSUB must be without http:// in production")
        return problems


def settings_table() -> list[tuple[str, str, str]]:
    """(variable, default, meaning) of every setting, for the README and `storeline doctor`."""
    rows = []
    for f in fields(Settings):
        default = "" if f.metadata["secret"] else str(f.default)
        rows.append((PREFIX + f.name.upper(), default, f.metadata["help"]))
    return rows
