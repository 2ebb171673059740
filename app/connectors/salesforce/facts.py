"""What prepare() found out about an org, typed; kept as plain JSON with the connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.errors import Misconfigured


@dataclass(frozen=True)
class Facts:
    """One org's features and the values it gave its picklists."""

    organization_name: str = ""
    pricebook: str = ""  # id of the standard price book
    orders: bool = False
    person_accounts: bool = False
    person_record_type: str = ""
    multi_currency: bool = False
    draft: str = "Draft"
    activated: str = "Activated"
    stage_open: str = "Prospecting"
    stage_won: str = "Closed Won"
    stage_lost: str = "Closed Lost"
    state_codes: bool = False  # state and country picklists are on: codes, no free text
    countries: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  # standard fields that the user may not write: "Order.PoNumber"
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # country code -> folded name -> code

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Facts:
        """From what was kept; unknown keys are of another version."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        lists = {name: tuple(known.get(name, ())) for name in ("countries", "hidden")}
        return cls(**{**known, **lists})

    def to_json(self) -> dict[str, Any]:
        """What is kept."""
        return {**asdict(self), "countries": list(self.countries), "hidden": list(self.hidden)}

    def price_id(self, variant: str, currency: str) -> str:
        """Our id of a variant's price: one per currency where the org has several."""
        return f"{variant}:{currency}" if self.multi_currency else variant

    def writable(self, sobject: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A row without the fields that the user may not write: a hidden field never loses the record."""
        hidden = {name.partition(".")[2] for name in self.hidden if name.partition(".")[0] == sobject}
        return {name: value for name, value in body.items() if not {name, f"{name}Id"} & hidden}

    def need_orders(self) -> None:
        """Raises Misconfigured where orders cannot be written at all."""
        if not self.pricebook:
            raise Misconfigured("Salesforce is not prepared: the standard price book is unknown.", code="NOT_PREPARED")
        if not self.orders:
            raise Misconfigured("Orders are not enabled in Salesforce (Setup, Order Settings).", code="ORDERS_DISABLED")
