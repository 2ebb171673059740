"""Which modules, fields, dropdowns and links this instance has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.sandbox.sugarcrm.dropdowns import DROPDOWNS
from app.sandbox.sugarcrm.errors import ApiError, invalid
from app.sandbox.sugarcrm.fields import Field, Link, Module, Relationship
from app.sandbox.sugarcrm.modules_people import PEOPLE
from app.sandbox.sugarcrm.modules_sales import SALES
from app.sandbox.sugarcrm.modules_setup import SETUP, relationships

STANDARD: tuple[Module, ...] = PEOPLE + SALES + SETUP
RLI = "RevenueLineItems"
STUDIO_TYPES = {
    "varchar", "text", "int", "decimal", "float", "currency", "date", "datetime", "bool", "enum", "url", "phone",
}  # fmt: skip
SYNONYMS = {"textarea": "text", "textfield": "varchar", "integer": "int", "checkbox": "bool", "dropdown": "enum"}
NOT_LISTED = {"Tags", "WebLogicHooks", "ProductBundleNotes"}
OPTIONAL_IN_RLI_MODE = ("amount", "date_closed", "sales_stage")


class Schema:
    """The modules as this instance has them."""

    def __init__(self, opps_view_by: str = RLI) -> None:
        self.modules = {m.name: replace(m, fields=dict(m.fields)) for m in STANDARD}
        self.dropdowns = {name: dict(values) for name, values in DROPDOWNS.items()}
        self.links: dict[str, dict[str, Link]] = {name: {} for name in self.modules}
        for one in relationships(tuple(self.modules)):
            self._connect(one)
        self.opps_view_by = RLI
        self.view_opportunities_by(opps_view_by)

    def _connect(self, one: Relationship) -> None:
        if not one.rhs_link.endswith("_user_link") and one.rhs_link != "created_by_link":
            self.links[one.lhs][one.lhs_link] = Link(one.lhs_link, one, True, one.lhs, one.rhs)
        self.links[one.rhs][one.rhs_link] = Link(one.rhs_link, one, False, one.rhs, one.lhs)

    def view_opportunities_by(self, mode: str) -> None:
        """Switch between the two modes of Opportunities; which fields are derived follows."""
        if mode not in ("Opportunities", RLI):
            raise ValueError(f"opps_view_by is Opportunities or {RLI}")
        self.opps_view_by = mode
        derived = mode == RLI
        opportunities = self.modules["Opportunities"].fields
        for name in ("amount", "best_case", "worst_case", "date_closed", "sales_stage", "probability", "commit_stage"):
            required = name in OPTIONAL_IN_RLI_MODE and not derived
            opportunities[name] = replace(opportunities[name], readonly=derived, calculated=derived, required=required)

    @property
    def with_line_items(self) -> bool:
        """Whether opportunities are made of line items."""
        return self.opps_view_by == RLI

    def exists(self, name: str) -> bool:
        """Whether the instance shows the module."""
        return name in self.modules and (name != RLI or self.with_line_items)

    def need(self, name: str) -> Module:
        """The module of that name; 404 not_found otherwise."""
        if not self.exists(name):
            raise ApiError("not_found", f"Could not find module: {name}")
        return self.modules[name]

    def link(self, module: str, name: str) -> Link:
        """A link of a module; 404 not_found otherwise."""
        found = self.links[module].get(name)
        if found is None or not self.exists(found.target):
            raise ApiError("not_found", f"Could not find a relationship named: {name}")
        return found

    def options(self, field: Field) -> dict[str, str] | None:
        """The choices of a dropdown field; None: it is none."""
        if field.values:
            return {value: value for value in field.values}
        return self.dropdowns.get(field.options)

    def add_field(self, module: str, name: str, kind: str, **more: Any) -> Field:
        """What an administrator does in Studio: a custom field, its name ending in _c. 422 for what Studio refuses."""
        kind = SYNONYMS.get(kind, kind)
        if module not in self.modules:
            raise invalid(f"no module {module}")
        if kind not in STUDIO_TYPES:
            raise invalid(f"no field type {kind}")
        if not name.replace("_", "").isalnum() or not name.isascii() or len(name) > 30:
            raise invalid(f"bad field name {name}")
        name = name if name.endswith("_c") else f"{name}_c"
        values = tuple(more.pop("values", None) or more.pop("options", None) or ())
        size = int(more.pop("len", 0) or (255 if kind in ("varchar", "enum", "url", "phone") else 0))
        wanted = {k: v for k, v in more.items() if k in ("label", "required", "default", "readonly")}
        made = Field(name, kind, size, custom=True, indexed=True, values=values, **wanted)
        self.modules[module].fields[name] = made
        return made
