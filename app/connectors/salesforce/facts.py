"""What is fixed while a connection is open: what prepare() found out about the org, and whose records go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from app.connectors.salesforce.values import clean, external_id
from app.errors import Misconfigured, Rejected

_LISTS = ("countries", "hidden", "account_types", "families")


@dataclass(frozen=True)
class Facts:
    """One org's features, the values it gave its picklists, and the store that we bring there."""

    store: str = ""  # its hash; not kept, the connection knows it
    organization_name: str = ""
    user: str = ""  # id of the user that we are there
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
    lead_lost: str = "Closed - Not Converted"
    lead_converted: str = "Closed - Converted"
    lead_company: bool = True  # a lead needs a company; with person accounts, one without becomes a person
    lead_source: str = ""  # "Web" where the list has it
    task_done: str = "Completed"
    account_types: tuple[str, ...] = ()
    families: tuple[str, ...] = ()  # of products, where only those of the list are taken
    state_codes: bool = False  # state and country picklists are on: codes, no free text
    countries: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()  # fields that the user may not write, or that are not there: "Order.PoNumber"
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # country code -> folded name -> code
    state_names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # country code -> code -> name

    @classmethod
    def read(cls, stored: Mapping[str, Any], store: str) -> Facts:
        """From what was kept; unknown keys are of another version."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        lists = {name: tuple(known.get(name, ())) for name in _LISTS}
        return cls(**{**known, **lists, "store": store})

    def to_json(self) -> dict[str, Any]:
        """What is kept."""
        kept = {**asdict(self), **{name: list(getattr(self, name)) for name in _LISTS}}
        del kept["store"]
        return kept

    def external_id(self, our_id: str) -> str:
        """The external id of a record of the store."""
        return external_id(self.store, our_id)

    def our_id(self, external: str) -> str:
        """Our id out of an external id of the store; what is not the store's stays as it is."""
        return external.removeprefix(f"{self.store}-")

    def is_ours(self, external: str) -> bool:
        """Whether an external id is of a record of the store."""
        return external.startswith(f"{self.store}-")

    def price_id(self, variant: str, currency: str) -> str:
        """Our id of a variant's price: one per currency where the org has several."""
        return f"{variant}:{currency}" if self.multi_currency else variant

    def writable(self, sobject: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """A row without what cannot be written: a hidden field, or a character, never loses the record."""
        hidden = {name.partition(".")[2] for name in self.hidden if name.partition(".")[0] == sobject}
        return {
            name: clean(value) if isinstance(value, str) else value
            for name, value in body.items()
            if not {name, f"{name}Id"} & hidden
        }

    def has(self, field: str) -> bool:
        """Whether a field of ours is there and may be written: "Task.BC_Activity_Id__c"."""
        return field not in self.hidden

    def lack(self, field: str) -> Rejected | None:
        """Why records cannot be written that need a field, where it is missing: others can."""
        if self.has(field):
            return None
        return Rejected(
            f"The field {field} is not there in Salesforce or not visible to the connected user. "
            "Create it or show it, check again, and replay what failed.",
            code="NOT_PREPARED",
            field=field,
        )

    def need_orders(self) -> None:
        """Raises Misconfigured where orders cannot be written at all."""
        if not self.pricebook:
            raise Misconfigured(
                "Storeline does not see the standard price book of Salesforce, and no order can be there without it. "
                "Let the connected user see it and activate it (App Launcher, Price Books), then check again.",
                code="NOT_PREPARED",
            )
        if not self.orders:
            raise Misconfigured(
                "Orders are not enabled in Salesforce. Switch them on (Setup, Order Settings), then check again.",
                code="ORDERS_DISABLED",
            )
