"""What an object and a field are, and the short words to write them down as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

TEXT_TYPES = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox"})
NUMBER_TYPES = frozenset({"double", "currency", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field; names as in describe where describe has them."""

    name: str
    type: str = "string"
    label: str = ""
    length: int = 0
    precision: int = 0
    scale: int = 0
    required: bool = False
    createable: bool = True
    updateable: bool = True
    default: Any = None
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    custom: bool = False
    calculated: bool = False
    auto_number: bool = False
    refers_to: tuple[str, ...] = ()
    relationship: str = ""
    children: str = ""  # what the parent calls the list of these
    cascade: bool = False  # the record goes when its parent goes
    values: tuple[str, ...] = ()
    restricted: bool = False
    compound: str = ""
    parts: tuple[str, ...] = ()  # of a compound
    switch: str = ""  # exists only in orgs that have this feature

    @property
    def title(self) -> str:
        """The label shown to people."""
        return self.label or spaced(self.name)

    @property
    def indexed(self) -> bool:
        """Whether look-ups by this field use an index."""
        return self.external_id or self.id_lookup or self.unique or self.type == "reference"


@dataclass
class SObject:
    """One object and its fields by canonical name."""

    name: str
    prefix: str
    fields: dict[str, Field] = field(default_factory=dict)
    label: str = ""
    plural: str = ""
    name_field: str = "Name"
    writable: bool = True
    switch: str = ""
    soft_delete: bool = True  # goes to the recycle bin
    indexes: tuple[str, ...] = ()  # fields searched often without being ids
    publishes_at_once: bool = False  # a platform event that does not wait for the commit
    by_lower: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.label = self.label or spaced(self.name)
        self.plural = self.plural or self.label + "s"
        self.by_lower = {name.lower(): name for name in self.fields}

    def find(self, name: str) -> Field | None:
        """The field of that name, whatever its case."""
        canonical = self.by_lower.get(name.lower())
        return self.fields[canonical] if canonical else None

    def add(self, new: Field) -> None:
        """Give the object one more field."""
        self.fields[new.name] = new
        self.by_lower[new.name.lower()] = new.name

    def relationship(self, name: str) -> Field | None:
        """The reference field behind a relationship name such as `Owner` or `Parent__r`."""
        wanted = name.lower()
        return next((f for f in self.fields.values() if f.relationship.lower() == wanted), None) if wanted else None


def spaced(name: str) -> str:
    """`BillingPostalCode` → `Billing Postal Code`."""
    name = name.replace("Pricebook2", "PriceBook").replace("Product2", "Product")
    words = ""
    for before, char in zip(" " + name, name.removesuffix("__c"), strict=False):
        words += f" {char}" if char.isupper() and before.islower() else char
    return words.replace("_", " ").removesuffix(" Id") + (" ID" if name.endswith("Id") and len(name) > 2 else "")


def text(name: str, length: int = 255, **more: Any) -> Field:
    """A text field."""
    return Field(name, "string", length=length, **more)


def area(name: str, length: int = 32000, **more: Any) -> Field:
    """A long text field."""
    return Field(name, "textarea", length=length, **more)


def email(name: str, **more: Any) -> Field:
    """An e-mail field; not unique, usable in upserts as idLookup only where said."""
    return Field(name, "email", length=80, **more)


def phone(name: str, **more: Any) -> Field:
    """A phone field."""
    return Field(name, "phone", length=40, **more)


def link(name: str, **more: Any) -> Field:
    """A URL field."""
    return Field(name, "url", length=255, **more)


def pick(name: str, *values: str, **more: Any) -> Field:
    """A picklist, unrestricted unless said."""
    return Field(name, "picklist", length=255, values=values, **more)


def flag(name: str, default: bool = False, **more: Any) -> Field:
    """A checkbox; never null."""
    return Field(name, "boolean", default=default, **more)


def whole(name: str, digits: int = 9, **more: Any) -> Field:
    """An integer."""
    return Field(name, "int", precision=digits, **more)


def number(name: str, precision: int = 18, scale: int = 2, **more: Any) -> Field:
    """A decimal number."""
    return Field(name, "double", precision=precision, scale=scale, **more)


def money(name: str, precision: int = 18, scale: int = 2, **more: Any) -> Field:
    """An amount in the record's currency."""
    return Field(name, "currency", precision=precision, scale=scale, **more)


def percent(name: str, precision: int = 3, scale: int = 0, **more: Any) -> Field:
    """A percentage."""
    return Field(name, "percent", precision=precision, scale=scale, **more)


def day(name: str, **more: Any) -> Field:
    """A date."""
    return Field(name, "date", **more)


def moment(name: str, **more: Any) -> Field:
    """A date and time."""
    return Field(name, "datetime", **more)


def ref(name: str, *refers_to: str, **more: Any) -> Field:
    """A lookup; the relationship is the name without `Id`."""
    more.setdefault("relationship", name.removesuffix("Id"))
    return Field(name, "reference", length=18, refers_to=refers_to, **more)


def readonly(one: Field) -> Field:
    """The same field, set by the platform only."""
    return replace(one, createable=False, updateable=False)


def address(prefix: str, **more: Any) -> tuple[Field, ...]:
    """The parts of an address and the read-only compound over them."""
    compound = f"{prefix}Address" if prefix else "Address"
    lengths = {"Street": 255, "City": 40, "State": 80, "PostalCode": 20, "Country": 80}
    parts: list[Field] = []
    for part, length in lengths.items():
        kind = "textarea" if part == "Street" else "string"
        parts.append(Field(prefix + part, kind, length=length, compound=compound, **more))
    for part in ("Latitude", "Longitude"):
        parts.append(number(prefix + part, 18, 15, compound=compound, **more))
    if not more.get("switch"):
        for part in ("StateCode", "CountryCode"):
            parts.append(pick(prefix + part, compound=compound, switch="state_country_picklists"))
    whole_address = Field(
        compound, "address", createable=False, updateable=False, parts=tuple(f.name for f in parts), **more
    )
    return (*parts, whole_address)


SYSTEM_FIELDS = (
    Field("Id", "id", length=18, createable=False, updateable=False, id_lookup=True, label="Record ID"),
    flag("IsDeleted", createable=False, updateable=False, label="Deleted"),
    Field("CreatedDate", "datetime", createable=False, updateable=False),
    ref("CreatedById", "User", createable=False, updateable=False),
    Field("LastModifiedDate", "datetime", createable=False, updateable=False),
    ref("LastModifiedById", "User", createable=False, updateable=False),
    Field("SystemModstamp", "datetime", createable=False, updateable=False),
)
CURRENCY = pick("CurrencyIsoCode", "USD", "EUR", "GBP", "AUD", "CAD", "JPY", restricted=True, switch="multi_currency")


def sobject(name: str, prefix: str, *fields: Field | tuple[Field, ...], **more: Any) -> SObject:
    """An object with the system fields and the given ones."""
    flat: list[Field] = list(SYSTEM_FIELDS)
    for one in fields:
        flat.extend(one if isinstance(one, tuple) else (one,))
    return SObject(name, prefix, {f.name: f for f in flat}, **more)
