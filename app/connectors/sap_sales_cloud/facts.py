"""What is fixed while a connection is open: what prepare() found in the tenant, and whose records go there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.connectors.sap_sales_cloud.metadata import Schema
from app.connectors.sap_sales_cloud.names import CHANGED_BY, CREATED_BY, EXTENSIONS, external_id, record_uuid

ACTIVE, OBSOLETE = "2", "4"
_ELSEWHERE = ("store", "tenant", "currency")


@dataclass(frozen=True)
class Facts:
    """One tenant's properties, codes and defaults, and the store that we bring there."""

    store: str = ""  # its hash; like the next two not kept: the connection knows it
    tenant: str = ""
    currency: str = ""  # the store's, in which prices of products are
    properties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    employee: str = ""  # business partner number of who owns what nobody else is named for
    id_type: str = ""  # code of the identification that holds our id; "" if the tenant has none
    role: str = "CRM000"
    roles: Mapping[str, str] = field(default_factory=dict)  # folded description -> code
    countries: tuple[str, ...] = ()
    states: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # country -> code -> name
    in_approval: tuple[str, ...] = ()
    cancellation: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)  # our word -> code: "won", "lead_lost", "task_done", ...
    own_products: tuple[str, ...] = ()
    sales_area: tuple[str, ...] = ()  # sales organisation, distribution channel, division
    users: tuple[str, ...] = ()  # how our own changes are signed

    @classmethod
    def read(cls, stored: Mapping[str, Any], store: str, tenant: str, currency: str = "") -> Facts:
        """From what was kept; unknown keys are of another version."""
        known = {name: stored[name] for name in cls.__dataclass_fields__ if name in stored}
        lists = ("countries", "in_approval", "own_products", "sales_area", "users")
        return cls(
            **{
                **known,
                **{name: tuple(known.get(name, ())) for name in lists},
                "store": store,
                "tenant": tenant,
                "currency": currency,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """What is kept."""
        kept = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in _ELSEWHERE}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}

    @cached_property
    def schema(self) -> Schema:
        return Schema.of_json(self.properties)

    def extension(self, entity: str, word: str) -> str:
        """The key-user field for one of our words; "" if the tenant has none."""
        name = EXTENSIONS.get(entity, {}).get(word, "")
        return name if name and self.schema.has(entity, name) else ""

    @cached_property
    def item_key(self) -> str:
        """The property of an order's item that holds our line's key."""
        return "BuyerID" if self.schema.takes("CustomerOrderItem", "BuyerID") else "ProductBuyerID"

    def code(self, word: str) -> str:
        """A code by our word for it; "" if the tenant's list has no such entry."""
        return self.codes.get(word, "")

    def external_id(self, our_id: str, length: int = 60) -> str:
        """The external id of a record of the store."""
        return external_id(self.store, our_id, length)

    def our_id(self, external: str) -> str:
        """Our id out of an external id of the store; "" if it is not the store's."""
        prefix = f"{self.store}-"
        return external.removeprefix(prefix) if external.startswith(prefix) else ""

    def is_ours(self, signature: object) -> bool:
        """Whether a change is signed by the user that we are."""
        return str(signature or "").casefold() in map(str.casefold, self.users)

    def is_untouched(self, row: Mapping[str, Any]) -> bool:
        """Whether we made a record, and nobody else has changed it since."""
        return self.is_ours(row.get(CREATED_BY)) and any(self.is_ours(row.get(name)) for name in CHANGED_BY)

    def uuid(self, kind: str, our_id: str) -> str:
        """The UUID that a record of the store is made with."""
        return record_uuid(self.tenant, self.store, kind, our_id)
