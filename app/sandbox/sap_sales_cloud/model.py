"""What an entity type, a property and a function import are, and the short notation in which they are written down."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

# notation → Edm type, precision, scale
TYPES = {
    "guid": ("Edm.Guid", 0, 0),
    "bool": ("Edm.Boolean", 0, 0),
    "int": ("Edm.Int32", 0, 0),
    "dt": ("Edm.DateTime", 7, 0),
    "dto": ("Edm.DateTimeOffset", 7, 0),
    "time": ("Edm.Time", 0, 0),
    "amount": ("Edm.Decimal", 28, 6),
    "qty": ("Edm.Decimal", 31, 14),
    "pct": ("Edm.Decimal", 16, 6),
    "pct2": ("Edm.Decimal", 5, 2),
    "text": ("Edm.String", 0, 0),
}
_TOKEN = re.compile(r"(\w+):(\w+)(?:@(\w+)(?:\^(\w+))?)?(?:=(\S+))?")


@dataclass(frozen=True, slots=True)
class Property:
    """One property with what `$metadata` says of it."""

    name: str
    edm: str = "Edm.String"
    length: int = 0
    precision: int = 0
    scale: int = 0
    creatable: bool = False
    updatable: bool = False
    filterable: bool = True
    nullable: bool = True
    codes: str = ""  # the code list its values come from
    context: str = ""  # the property its code list depends on
    describes: str = ""  # the code property whose description this is
    default: str = ""
    parent_key: bool = False  # a child's copy of its parent's human id

    @property
    def mandatory(self) -> bool:
        """Whether a create must bring it."""
        return self.creatable and not self.nullable

    @property
    def indexed(self) -> bool:
        """Whether look-ups by it go through an index."""
        if not self.filterable or self.edm not in ("Edm.String", "Edm.Guid"):
            return False
        return self.name.endswith(("ID", "Email", "EMail", "EmailURI", "IDNumber", "_KUT"))


@dataclass(frozen=True)
class Party:
    """A property that holds a business partner's human id."""

    kind: str  # account, contact, employee, any
    name_property: str = ""  # the read-only twin that shows the partner's name


@dataclass
class EntityType:
    """One entity type and its set; `properties` by name in wire order."""

    name: str
    properties: dict[str, Property]
    human: str = ""  # the property with the id that people see
    numbers: str = ""  # the number range the human id comes from
    parent: str = ""
    parent_human: str = ""  # the child's copy of the parent's human id
    creatable: bool = True
    updatable: bool = True
    deletable: bool = True
    business_object: str = ""  # its name in event notifications
    parties: dict[str, Party] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    position: str = ""  # a child's own number within its parent: 10, 20, 30
    children: list[str] = field(default_factory=list)
    key: tuple[str, ...] = ("ObjectID",)
    code_list: str = ""  # the code list that this set shows
    # property → the id property it follows, the sort of partner, what it shows of it
    followers: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    @property
    def set_name(self) -> str:
        """The name of the entity set."""
        return self.name + "Collection"


@dataclass(frozen=True)
class FunctionImport:
    """A function import: its verb, its string parameters and the type it returns."""

    name: str
    method: str
    parameters: tuple[str, ...]
    returns: str
    many: bool = False


def parse(notation: str) -> dict[str, Property]:
    """Properties from lines `flags  Name:type@codes^context=default ...`; flags of c u f and ! (mandatory), - for none.

    A type is a maximum length or a key of TYPES. A code property is followed by its description twin.
    """
    found: dict[str, Property] = {}
    for line in notation.strip().splitlines():
        flags, *tokens = line.split()
        for token in tokens:
            matched = _TOKEN.fullmatch(token)
            if matched is None:
                raise ValueError(token)
            made = _property(flags, *matched.groups(""))
            found[made.name] = made
            if made.codes or made.name.endswith("Code"):
                found[made.name + "Text"] = twin(made.name)
    return found


def twin(name: str) -> Property:
    """The read-only description of a code."""
    return Property(name + "Text", length=255, filterable=False, describes=name)


def _property(flags: str, name: str, kind: str, codes: str, context: str, default: str) -> Property:
    edm, precision, scale = TYPES.get(kind, ("Edm.String", 0, 0))
    return Property(
        name,
        edm,
        int(kind) if kind.isdigit() else 0,
        precision,
        scale,
        creatable="c" in flags,
        updatable="u" in flags,
        filterable="f" in flags,
        nullable="!" not in flags,
        codes=codes,
        context=context,
        default=default,
    )


def entity(name: str, notation: str, **more: Any) -> EntityType:
    """An entity type with key, parent key and ETag put around its own properties."""
    own = parse(notation)
    properties = {"ObjectID": Property("ObjectID", length=70, nullable=False)}
    if more.get("parent"):
        properties["ParentObjectID"] = Property("ParentObjectID", length=70, creatable=True)
    properties |= own
    human = more.get("parent_human", "")
    if human:
        properties[human] = Property(human, length=35, creatable=True, parent_key=True)
    properties["ETag"] = Property("ETag", "Edm.DateTimeOffset", precision=7, filterable=False)
    return EntityType(name, properties, **more)
