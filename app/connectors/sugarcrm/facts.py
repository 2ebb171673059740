"""What is fixed while a connection is open: what prepare() found out about the instance, and whose records go there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.connectors.sugarcrm.schema import NEEDED, OWN_KEY, SYNC_KEY
from app.connectors.sugarcrm.values import clean, external_key, record_id
from app.errors import Misconfigured

Row = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """One instance's modules, fields, dropdown values and currencies, and the store that we bring there."""

    store: str = ""  # its hash; not kept, the connection knows it
    organization_name: str = ""
    version: str = ""
    user_id: str = ""
    is_admin: bool = False
    rli: bool = True  # opportunities are made of revenue line items
    modules: tuple[str, ...] = ()
    base_currency: str = ""
    currencies: Mapping[str, str] = field(default_factory=dict)  # ISO code -> id
    keys: Mapping[str, list[str]] = field(default_factory=dict)  # module -> its fields that hold our key
    custom: Mapping[str, list[str]] = field(default_factory=dict)  # module -> those of our custom fields that exist
    lengths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # module -> text field -> characters
    values: Mapping[str, list[str]] = field(default_factory=dict)  # "Leads.status" -> the dropdown's keys

    @classmethod
    def read(cls, stored: Mapping[str, Any], store: str) -> Facts:
        """From what was kept; unknown keys are of another version."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        return cls(**{**known, "modules": tuple(known.get("modules", ())), "store": store})

    def to_json(self) -> Row:
        """What is kept."""
        kept = {**asdict(self), "modules": list(self.modules)}
        del kept["store"]
        return kept

    def key(self, our_id: str) -> str:
        """The key of a record of the store."""
        return external_key(self.store, our_id)

    def our_id(self, keys: Iterable[str]) -> str:
        """Our id out of a record's keys; "" if none is the store's."""
        mine = (key.removeprefix(f"{self.store}-") for key in keys if key.startswith(f"{self.store}-"))
        return next(mine, "")

    def new_id(self, module: str, our_id: str) -> str:
        """The id for a new record."""
        return record_id(module, self.key(our_id))

    def key_fields(self, module: str) -> tuple[str, ...]:
        """Where our key is looked for; written there too when a record is made."""
        return tuple(self.keys.get(module, ()))

    def keyed(self, module: str, our_id: str) -> Row:
        """The key on a new record."""
        return dict.fromkeys(self.key_fields(module), self.key(our_id))

    def keys_of(self, module: str, row: Mapping[str, Any]) -> list[str]:
        """The keys that a record has, whosever they are."""
        return [str(row[name]) for name in self.key_fields(module) if row.get(name)]

    def has(self, module: str, name: str) -> bool:
        """Whether one of our custom fields exists."""
        return name in self.custom.get(module, ())

    def choice(self, field: str, wanted: str) -> str | None:
        """A value of a dropdown, if the instance (still) has it."""
        values = self.values.get(field)
        if values is None or wanted in values:
            return wanted
        folded = wanted.casefold()
        return next((value for value in values if value.casefold() == folded), None)

    def stage(self, wanted: str, hint: str) -> str:
        """A sales stage: the shipped one, else whichever has the hint in it; without a hint the first open one."""
        values = [value for value in self.values.get("Opportunities.sales_stage", []) if value]
        alike = [value for value in values if hint and hint in value.casefold()]
        still_open = [value for value in values if "won" not in value.casefold() and "lost" not in value.casefold()]
        found = self.choice("Opportunities.sales_stage", wanted)
        return found or next(iter(alike if hint else still_open), wanted)

    @property
    def won(self) -> str:
        return self.stage("Closed Won", "won")

    @property
    def lost(self) -> str:
        return self.stage("Closed Lost", "lost")

    @property
    def open(self) -> str:
        return self.stage("Proposal/Price Quote", "")

    def fitting(self, module: str, row: Mapping[str, Any]) -> Row:
        """A row as the module can hold it: cut to length, without custom fields that nobody has made."""
        lengths = self.lengths.get(module, {})
        fit: Row = {}
        for name, value in row.items():
            if name.endswith("_c") and name != OWN_KEY and not self.has(module, name):
                continue
            fit[name] = clean(value)[: lengths.get(name)] if isinstance(value, str) else value
        return fit

    def currency_id(self, code: str) -> str:
        """The instance's id of a currency. Raises Misconfigured for one that it lacks."""
        if code not in self.currencies:
            raise Misconfigured(
                f"SugarCRM has no currency {code}. An administrator can add it (Admin > Currencies); then check again.",
                code="CURRENCY_MISSING",
                field="currency_id",
            )
        return self.currencies[code]

    def currency(self, currency_id: str) -> str:
        """The ISO code of a currency there."""
        return next((code for code, known in self.currencies.items() if known == currency_id), self.base_currency)

    def need_modules(self) -> None:
        """Raises Misconfigured where nothing can be written."""
        lacking = [module for module in NEEDED if module not in self.modules]
        if lacking:
            raise Misconfigured(
                f"The connected user does not see {', '.join(lacking)} in SugarCRM: check the licence and the role.",
                code="NOT_PREPARED",
            )


def key_fields(fields: Mapping[str, Any], is_admin: bool) -> list[str]:
    """Which of a module's fields hold our key: the sync key, and our own field, first for who may not set the other."""
    found = [name for name in (SYNC_KEY, OWN_KEY) if name in fields]
    return found if is_admin else found[::-1]
