"""People who buy: registered customers and guests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

GUEST = "guest:"  # prefix of a guest's id; the rest is the e-mail, case-folded


@dataclass(frozen=True)
class Address:
    """A postal address; names of states and countries in full, the country also by its ISO 3166 code."""

    first_name: str = ""
    last_name: str = ""
    company: str = ""
    street_1: str = ""
    street_2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""
    country_code: str = ""
    phone: str = ""
    id: str = ""  # in the customer's address book

    @property
    def street(self) -> str:
        """Both street lines."""
        return "\n".join(filter(None, (self.street_1, self.street_2)))


@dataclass(frozen=True)
class Customer:
    """A registered customer, or a guest known by e-mail alone (then `id` is `guest:<folded e-mail>`).

    `complete` is false for what an order tells about its buyer: enough to create a contact, never to overwrite one.
    """

    kind: ClassVar[str] = "customer"

    id: str
    email: str
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    phone: str = ""
    group_id: str = ""
    group: str = ""  # the group's name
    company_id: str = ""  # of the B2B company that the customer buys for
    billing: Address = Address()
    shipping: Address = Address()
    accepts_marketing: bool | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    complete: bool = True
    has_ordered: bool = False  # as far as we know: a registration that never bought may be a mere lead

    @property
    def is_guest(self) -> bool:
        return self.id.startswith(GUEST)

    @property
    def name(self) -> str:
        """First and last name, else the company, else the e-mail."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.company or self.email

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other ids that the same person may be known by: the guest of the same e-mail."""
        return () if self.is_guest or not self.email else (guest_id(self.email),)


def fold(email: str) -> str:
    """An e-mail address as it is compared: case and surrounding blanks do not count."""
    return email.strip().casefold()


def guest_id(email: str) -> str:
    """The id of the guest with this e-mail."""
    return GUEST + fold(email)
