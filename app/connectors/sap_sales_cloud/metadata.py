"""What a tenant's `$metadata` says of the entities that we write: which properties, how long, when writable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from app.domain.text import cut
from app.errors import Rejected

_SAP = "{http://www.sap.com/Protocols/SAPData}"
_C4C = "{http://www.sap.com/Protocols/C4CData}"


@dataclass(frozen=True)
class Property:
    """A property of an entity. `length` 0: without a limit. `mandatory`: on creation."""

    creatable: bool = True
    updatable: bool = True
    filterable: bool = True
    length: int = 0
    mandatory: bool = False

    def to_json(self) -> str:
        """A short text: flags, then the length."""
        flags = (self.creatable, self.updatable, self.filterable, self.mandatory)
        return "".join(c for c, given in zip("cuf!", flags, strict=True) if given) + str(self.length or "")

    @classmethod
    def read(cls, text: str) -> Property:
        """The other way."""
        digits = text.lstrip("cuf!")
        return cls("c" in text, "u" in text, "f" in text, int(digits or 0), "!" in text)


@dataclass(frozen=True)
class Schema:
    """Entities with their properties; without any (not read yet) everything is taken for writable."""

    entities: Mapping[str, Mapping[str, Property]]

    def has(self, entity: str, name: str = "") -> bool:
        """Whether there is such an entity, or such a property."""
        known = self.entities.get(entity)
        return known is not None and (not name or name in known)

    def takes(self, entity: str, name: str) -> bool:
        """Whether a property can be written when a record is made."""
        found = self.entities.get(entity, {}).get(name)
        return found.creatable if found else not self.entities

    def changes(self, entity: str, name: str) -> bool:
        """Whether a property can be written later."""
        found = self.entities.get(entity, {}).get(name)
        return found.updatable if found else not self.entities

    def created(self, entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Of a body what a POST takes, cut to what fits; lists are children, by their entity's name."""
        kept: dict[str, Any] = {}
        for name, value in body.items():
            if isinstance(value, list):
                if not self.entities or name in self.entities:
                    kept[name] = [self.created(name, child) for child in value]
            elif self.takes(entity, name):
                kept[name] = self.cut(entity, name, value)
        return kept

    def updated(self, entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Of a body what a PATCH takes, cut to what fits; children have calls of their own."""
        return {
            name: self.cut(entity, name, value)
            for name, value in body.items()
            if not isinstance(value, list) and self.changes(entity, name)
        }

    def cut(self, entity: str, name: str, value: Any) -> Any:
        """A value as the property holds it: a longer one is refused."""
        found = self.entities.get(entity, {}).get(name)
        if found is None or not found.length or not isinstance(value, str) or value.startswith("/Date("):
            return value
        return cut(value, found.length).rstrip()

    def to_json(self) -> dict[str, dict[str, str]]:
        return {entity: {name: p.to_json() for name, p in own.items()} for entity, own in self.entities.items()}

    @classmethod
    def of_json(cls, stored: Mapping[str, Mapping[str, str]]) -> Schema:
        return cls({e: {name: Property.read(text) for name, text in own.items()} for e, own in stored.items()})


def parse(document: bytes, wanted: Iterable[str]) -> Schema:
    """The schema of some entities. Raises Rejected if this is no metadata document."""
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Rejected("The tenant's $metadata cannot be read.", code="METADATA") from error
    names = set(wanted)
    found = {t.get("Name", ""): t for t in root.iter("{*}EntityType") if t.get("Name") in names}
    return Schema({name: {p.get("Name", ""): _property(p) for p in t.iter("{*}Property")} for name, t in found.items()})


def code_lists(document: bytes, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """The set that holds the codes of a property, where the document names one."""
    root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    asked, found = set(wanted), {}
    for entity in root.iter("{*}EntityType"):
        for prop in entity.iter("{*}Property"):
            key = (entity.get("Name", ""), prop.get("Name", ""))
            if key in asked and prop.get(f"{_C4C}value-help"):
                found[key] = prop.get(f"{_C4C}value-help", "")
    return found


def _property(node: Any) -> Property:
    creatable = _flag(node, "creatable")
    length = node.get("MaxLength", "")
    return Property(
        creatable,
        _flag(node, "updatable"),
        _flag(node, "filterable"),
        int(length) if length.isdigit() and node.get("Type") == "Edm.String" else 0,
        creatable and node.get("Nullable") == "false",
    )


def _flag(node: Any, name: str) -> bool:
    return str(node.get(f"{_SAP}{name}", "true")) != "false"
