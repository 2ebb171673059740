"""Which objects and fields this org has: the standard ones its features switch on, and the custom ones added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.objects_people import PEOPLE
from app.sandbox.salesforce.objects_sales import SALES
from app.sandbox.salesforce.objects_setup import SETUP

STANDARD: tuple[SObject, ...] = PEOPLE + SALES + SETUP


class Schema:
    """The objects and fields as this org sees them; names are found whatever their case."""

    def __init__(self) -> None:
        self.custom: list[tuple[str, Field]] = []
        self.extra: list[SObject] = []  # objects the org defined itself
        self.hidden: set[tuple[str, str]] = set()  # fields without field-level security for the user
        self.overrides: dict[tuple[str, str], tuple[str, ...]] = {}  # picklist values the org changed
        self._features: frozenset[str] = frozenset()
        self._objects: dict[str, SObject] = {}
        self.build(frozenset())

    def build(self, features: frozenset[str]) -> None:
        """Take in what the org has switched on."""
        self._features = features
        known = (*STANDARD, *self.extra)
        self._objects = {s.name.lower(): self._own(s) for s in known if not s.switch or s.switch in features}
        for name, field in self.custom:
            self._place(name, field)

    def _own(self, standard: SObject) -> SObject:
        fields = {
            f.name: replace(f, values=self.overrides[key]) if (key := (standard.name, f.name)) in self.overrides else f
            for f in standard.fields.values()
            if not f.switch or f.switch in self._features
        }
        return replace(standard, fields=fields)

    def _place(self, name: str, field: Field) -> None:
        target = self._objects.get(name.lower())
        wanted = not field.switch or field.switch in self._features
        if target is not None and wanted and (target.name, field.name) not in self.hidden:
            target.add(field)

    def add_custom(self, name: str, field: Field) -> None:
        """A new custom field; one on Contact also shows on person accounts, as `X__pc`."""
        self.custom.append((name, field))
        self._place(name, field)
        if name == "Contact":
            twin = replace(
                field,
                name=field.name.removesuffix("__c") + "__pc",
                switch="person_accounts",
                unique=False,
                external_id=False,
            )
            self.custom.append(("Account", twin))
            self._place("Account", twin)

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())

    def find(self, name: str) -> SObject | None:
        """The object of that name, if the org has it."""
        return self._objects.get(name.lower())

    def need(self, name: str) -> SObject:
        """The object of that name; 404 NOT_FOUND, as for any unknown resource."""
        found = self.find(name)
        if found is None:
            raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
        return found

    def typed(self, name: str) -> SObject:
        """The object of that name; 400 INVALID_TYPE, as in queries and record bodies."""
        found = self.find(name)
        if found is None:
            message = (
                f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
                "append the '__c' after the entity name. Please reference your WSDL or the describe call for the "
                "appropriate names."
            )
            raise ApiError("INVALID_TYPE", message)
        return found

    def children_of(self, parent: str) -> Iterator[tuple[SObject, Field]]:
        """Every (object, reference field) that points to the parent object."""
        for sobject in self:
            for field in sobject.fields.values():
                if parent in field.refers_to:
                    yield sobject, field
