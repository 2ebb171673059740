"""All entity types of the service, their sets, children, navigation properties and code lists."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass

from app.sandbox.sap_sales_cloud import (
    codes,
    objects_accounts,
    objects_activities,
    objects_orders,
    objects_people,
    objects_sales,
    objects_service,
    objects_users,
)
from app.sandbox.sap_sales_cloud.followers import followers
from app.sandbox.sap_sales_cloud.model import EntityType, FunctionImport, Property, twin

MODULES = (
    objects_accounts,
    objects_people,
    objects_sales,
    objects_orders,
    objects_activities,
    objects_service,
    objects_users,
)
CODE_LIST = EntityType(
    "CodeList",
    {"Code": Property("Code", length=60), "Description": Property("Description", length=255)},
    key=("Code",),
)
CONTEXTUAL_CODE_LIST = EntityType(
    "ContextualCodeList",
    {"Context": Property("Context", length=60), **CODE_LIST.properties},
    key=("Context", "Code"),
)
FUNCTIONS = {
    made.name: made
    for made in (
        FunctionImport("ConvertLeadToOpportunity", "POST", ("LeadObjectID",), "Opportunity"),
        FunctionImport("DepersonalizeOpportunity", "POST", ("ObjectID",), "Opportunity"),
        FunctionImport("TicketDepersonalize", "POST", ("ObjectID",), "ServiceRequest"),
        FunctionImport("CorporateAccountQueryByElements", "GET", ("AccountID", "Name", "City", "CountryCode", "Email",
                       "StartRow", "NumberOfRows"), "CorporateAccount", many=True),
        FunctionImport("ContactQueryByElements", "GET", ("ContactID", "FirstName", "LastName", "Email", "AccountID",
                       "StartRow", "NumberOfRows"), "Contact", many=True),
        FunctionImport("IndividualCustomerQueryByElements", "GET", ("CustomerID", "FirstName", "LastName", "Email",
                       "StartRow", "NumberOfRows"), "IndividualCustomer", many=True),
        FunctionImport("OpportunityQueryByElements", "GET", ("ID", "Name", "ProspectPartyID", "StartRow",
                       "NumberOfRows"), "Opportunity", many=True),
        FunctionImport("ProductQueryByDescription", "GET", ("Description", "StartRow", "NumberOfRows"), "Product",
                       many=True),
    )
}  # fmt: skip
# navigations that lead from one object to another one's set: name → (from, property, to, property there)
LINKS = {
    ("Contact", "CorporateAccount"): ("AccountID", "CorporateAccount", "AccountID"),
    ("BusinessUser", "EmployeeBasicData"): ("EmployeeID", "Employee", "EmployeeID"),
}
EXTENSION_TYPES = {
    "String": "Edm.String",
    "Boolean": "Edm.Boolean",
    "Decimal": "Edm.Decimal",
    "Int32": "Edm.Int32",
    "DateTime": "Edm.DateTime",
    "DateTimeOffset": "Edm.DateTimeOffset",
}
_EXTENSION_NAME = re.compile(r"[A-Za-z]\w{0,58}")


@dataclass(frozen=True, slots=True)
class Navigation:
    """Where a navigation property leads: rows of `target` whose `far` equals this row's `near`."""

    name: str
    target: str
    near: str
    far: str
    many: bool


class Schema:
    """The service as one tenant has it: the standard entities and its key users' fields."""

    def __init__(self) -> None:
        self.entities: dict[str, EntityType] = {}
        for module in MODULES:
            for standard in module.ENTITIES:
                own = copy(standard)
                own.properties = dict(standard.properties)
                own.children = []
                own.followers = followers(own)
                self.entities[own.name] = own
        for one in self.entities.values():
            if one.parent:
                self.entities[one.parent].children.append(one.name)
        self.sets = {one.set_name: one for one in self.entities.values()}
        for one in list(self.entities.values()):
            for prop in one.properties.values():
                self._add_code_list(one, prop)
        self.functions = FUNCTIONS
        self.navigations = {one.name: self._navigations(one) for one in self.entities.values()}

    def _add_code_list(self, owner: EntityType, prop: Property) -> None:
        contextual = codes.contextual(prop.codes) is not None
        if contextual or (prop.codes and codes.entries(prop.codes) is not None):
            made = copy(CONTEXTUAL_CODE_LIST if contextual else CODE_LIST)
            made.code_list = prop.codes
            self.sets[code_set(owner, prop)] = made

    def _navigations(self, one: EntityType) -> dict[str, Navigation]:
        found = {child: Navigation(child, child, "ObjectID", "ParentObjectID", many=True) for child in one.children}
        if one.parent:
            found[one.parent] = Navigation(one.parent, one.parent, "ParentObjectID", "ObjectID", many=False)
        for (source, name), (near, target, far) in LINKS.items():
            if source == one.name:
                found[name] = Navigation(name, target, near, far, many=False)
        return found

    def root(self, one: EntityType) -> EntityType:
        """The business object a node belongs to."""
        return self.entities[one.parent] if one.parent else one

    def find(self, name: str) -> EntityType | None:
        """An entity by type name or set name."""
        found = self.entities.get(name) or self.sets.get(name)
        return None if found is None or found.code_list else found

    def add_extension(self, entity: str, name: str, kind: str, length: int) -> Property:
        """A key user's field, added to the service as well; ValueError says what is wrong."""
        owner = self.find(entity)
        base = name.removesuffix("_KUT")
        if owner is None or kind not in EXTENSION_TYPES or not _EXTENSION_NAME.fullmatch(base):
            raise ValueError(f"no such entity, type or name: {entity}, {kind}, {name}")
        decimal = kind == "Decimal"
        made = Property(
            f"{base}_KUT", EXTENSION_TYPES[kind], length if kind == "String" else 0,
            precision=31 if decimal else 7 if kind.startswith("DateTime") else 0, scale=14 if decimal else 0,
            creatable=True, updatable=True,
        )  # fmt: skip
        owner.properties[made.name] = made
        if base.endswith("Code"):
            owner.properties[made.name + "Text"] = twin(made.name)
        return made


def code_set(owner: EntityType, prop: Property) -> str:
    """The name of the set with a property's codes."""
    return f"{owner.name}{prop.name}Collection"
