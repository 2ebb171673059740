"""What a module, a field and a relationship are, and the short words to write them down as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

MONEY_TYPES = frozenset({"currency", "decimal"})
TEXT_TYPES = frozenset({"varchar", "text", "name", "phone", "url", "enum", "id", "relate", "file", "username"})
NUMBER_TYPES = frozenset({"int", "float"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field; names as in the metadata."""

    name: str
    type: str = "varchar"
    len: int = 0
    label: str = ""
    required: bool = False
    readonly: bool = False
    calculated: bool = False
    default: Any = None
    options: str = ""  # the dropdown list
    values: tuple[str, ...] = ()  # of a custom dropdown
    module: str = ""  # of a relate
    id_name: str = ""  # of a relate: where its id is kept
    rname: str = ""  # of a relate: the field shown
    stored: bool = True  # False: `source: non-db`
    indexed: bool = False
    custom: bool = False
    audited: bool = True

    @property
    def title(self) -> str:
        """The label shown to people."""
        return self.label or self.name.removesuffix("_c").replace("_", " ").capitalize()


@dataclass
class Module:
    """One module and its fields by name."""

    name: str
    singular: str
    fields: dict[str, Field]
    admin_writes: bool = False  # only administrators create, change and delete
    admin_only: bool = False
    person: bool = False
    has_email: bool = False
    currency: bool = False
    title_field: str = "name"

    def stored(self) -> list[Field]:
        """The fields a row has."""
        return [f for f in self.fields.values() if f.stored]


@dataclass(frozen=True, slots=True)
class Relationship:
    """Two modules and the link names they know each other by.

    With `key` the right side keeps the left side's id in that field (one to many); `parent` does so in parent_type and
    parent_id; without a key it is many to many with `roles` of its own.
    """

    name: str
    lhs: str
    lhs_link: str
    rhs: str
    rhs_link: str
    key: str = ""
    parent: bool = False
    roles: tuple[str, ...] = ()
    primary_key: str = ""  # many to many whose primary partner the right side keeps in that field


@dataclass(frozen=True, slots=True)
class Link:
    """A relationship seen from one module."""

    name: str
    relationship: Relationship
    left: bool  # seen from the left side
    module: str
    target: str

    @property
    def many(self) -> bool:
        """Whether it may hold more than one record."""
        return self.left or not (self.relationship.key or self.relationship.parent)

    @property
    def other(self) -> str:
        """The name of the link at the other end."""
        return self.relationship.rhs_link if self.left else self.relationship.lhs_link


def text(name: str, size: int = 255, **more: Any) -> Field:
    """A line of text."""
    return Field(name, "varchar", size, **more)


def area(name: str, **more: Any) -> Field:
    """A long text."""
    return Field(name, "text", 65535, **more)


def phone(name: str, **more: Any) -> Field:
    """A phone number."""
    return Field(name, "phone", 100, **more)


def url(name: str, **more: Any) -> Field:
    """An address on the web."""
    return Field(name, "url", 255, **more)


def pick(name: str, options: str, **more: Any) -> Field:
    """A dropdown."""
    return Field(name, "enum", 100, options=options, **more)


def flag(name: str, default: bool = False, **more: Any) -> Field:
    """A checkbox."""
    return Field(name, "bool", default=default, **more)


def whole(name: str, **more: Any) -> Field:
    """An integer."""
    return Field(name, "int", 11, **more)


def decimal(name: str, **more: Any) -> Field:
    """A decimal number, not an amount."""
    return Field(name, "decimal", 26, **more)


def money(name: str, usdollar: str = "", **more: Any) -> tuple[Field, ...]:
    """An amount in the record's currency; `usdollar` names its twin in base currency, derived on save."""
    amount = Field(name, "currency", 26, **more)
    twin = Field(usdollar, "currency", 26, readonly=True, calculated=True, audited=False)
    return (amount, twin) if usdollar else (amount,)


def day(name: str, **more: Any) -> Field:
    """A date."""
    return Field(name, "date", **more)


def moment(name: str, **more: Any) -> Field:
    """A date and time."""
    return Field(name, "datetime", **more)


def key(name: str, **more: Any) -> Field:
    """An id of another record, indexed."""
    return Field(name, "id", 36, indexed=True, **more)


def relate(base: str, module: str, *, name: str = "", rname: str = "name", **more: Any) -> tuple[Field, Field]:
    """An id and the name shown for it: `account` gives account_id and account_name."""
    id_name = f"{base}_id"
    shown = Field(
        name or f"{base}_name", "relate", 255, module=module, id_name=id_name, rname=rname, stored=False, audited=False
    )
    return key(id_name, module=module, **more), shown


def address(prefix: str) -> tuple[Field, ...]:
    """The parts of an address."""
    sizes = {"street": 150, "city": 100, "state": 100, "postalcode": 20, "country": 255}
    return tuple(text(f"{prefix}_address_{part}", size) for part, size in sizes.items())


def computed(one: Field) -> Field:
    """The same field, set by the server only."""
    return replace(one, readonly=True, calculated=True)


CURRENCY = (
    Field("currency_id", "id", 36, default="-99", module="Currencies"),
    Field("base_rate", "decimal", 26, readonly=True, audited=False),
)
PARENT = (
    Field("parent_type", "enum", 255, options="parent_type_display"),
    key("parent_id"),
    Field("parent_name", "parent", 255, id_name="parent_id", stored=False, audited=False),
)
PERSON = (
    pick("salutation", "salutation_dom"),
    text("first_name", 100),
    text("last_name", 100, required=True, indexed=True),
    Field("full_name", "fullname", 510, readonly=True, stored=False),
    text("title", 100),
    text("department", 255),
    flag("do_not_call"),
    *(phone(f"phone_{kind}") for kind in ("home", "mobile", "work", "other", "fax")),
    *address("primary"),
    *address("alt"),
    text("assistant", 75),
    phone("assistant_phone"),
    text("twitter", 100),
    text("facebook", 100),
)
EMAIL = (
    Field("email", "email", stored=False, audited=False),
    Field("email1", "varchar", 255, stored=False, audited=False),
    Field("email2", "varchar", 255, stored=False, readonly=True, audited=False),
    Field("email_opt_out", "bool", stored=False, audited=False),
    Field("invalid_email", "bool", stored=False, audited=False),
)


def _user_name(name: str, id_name: str) -> Field:
    return Field(name, "relate", 255, module="Users", id_name=id_name, rname="full_name", stored=False)


_SYSTEM = (
    Field("id", "id", 36, readonly=True, audited=False),
    Field("name", "name", 255, indexed=True),
    Field("date_entered", "datetime", readonly=True, audited=False),
    Field("date_modified", "datetime", readonly=True, audited=False),
    key("modified_user_id", module="Users", readonly=True, audited=False),
    Field(
        "modified_by_name", "relate", 255, module="Users", id_name="modified_user_id", rname="full_name", stored=False
    ),
    key("created_by", module="Users", readonly=True, audited=False),
    _user_name("created_by_name", "created_by"),
    area("description"),
    Field("deleted", "bool", readonly=True, default=False, audited=False),
    key("assigned_user_id", module="Users"),
    Field(
        "assigned_user_name", "relate", 255, module="Users", id_name="assigned_user_id", rname="full_name", stored=False
    ),
    Field("team_id", "id", 36, stored=False, audited=False),
    Field("team_set_id", "id", 36, stored=False, readonly=True, audited=False),
    Field("team_name", "teamset", stored=False, audited=False),
    Field("tag", "tag", stored=False, audited=False),
    text("sync_key", 100, indexed=True),
    Field("following", "bool", stored=False, readonly=True, audited=False),
    Field("my_favorite", "bool", stored=False, readonly=True, audited=False),
    Field("commentlog", "collection", stored=False, readonly=True, audited=False),
    Field("locked_fields", "locked_fields", stored=False, readonly=True, audited=False),
    Field("acl_team_names", "teamset", stored=False, readonly=True, audited=False),
)


def module(name: str, singular: str, *parts: Field | tuple[Field, ...], **more: Any) -> Module:
    """A module with the stock fields of every module and its own; its own win."""
    found: dict[str, Field] = {f.name: f for f in _SYSTEM}
    for part in parts:
        found.update((f.name, f) for f in ((part,) if isinstance(part, Field) else part))
    made = Module(name, singular, found, **more)
    made.currency = "currency_id" in found
    made.has_email = "email" in found
    if made.person:
        found["name"] = Field("name", "fullname", 510, readonly=True, indexed=True)
    return made


def named(**more: Any) -> Field:
    """The name of a record that must have one."""
    return Field("name", "name", more.pop("size", 255), required=True, indexed=True, **more)
