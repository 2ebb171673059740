"""What a panel is about, in no CRM's words: a record, the people it names, and who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.connectors.base import Ref

SUPPORT = "support"  # a case or ticket: its agent may look up any order by number or e-mail


@dataclass(frozen=True)
class Subject:
    """A record of a CRM, with the contact, the account and the e-mail addresses (folded) that it names.

    `purpose` is "" for a record of a person or a deal and SUPPORT for one of customer service.
    """

    record: Ref
    contact: Ref | None = None
    account: Ref | None = None
    emails: tuple[str, ...] = ()
    purpose: str = ""

    @property
    def person(self) -> tuple[Ref, ...]:
        """The places that name one buyer; the account is only asked where these know nobody."""
        return (self.record, self.contact) if self.contact else (self.record,)

    def dump(self) -> dict[str, Any]:
        """For the bearer of the panel."""
        return {
            "record": _dump(self.record),
            "contact": _dump(self.contact),
            "account": _dump(self.account),
            "emails": list(self.emails),
            "purpose": self.purpose,
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> Subject:
        """Back from `dump`."""
        return cls(
            Ref(*data["record"]), _load(data["contact"]), _load(data["account"]), tuple(data["emails"]), data["purpose"]
        )


@dataclass(frozen=True)
class Launch:
    """A verified opening of a panel: from which account of which vendor, by whom, about what.

    `origin` is an address of the CRM's, whose host may frame the panel; `ancestors` are the vendor's other hosts.
    `connection_id` is set where only one store's connection was proved, and not the whole account.
    """

    vendor: str
    account_id: str
    user: str
    locale: str
    timezone: str
    subject: Subject
    origin: str
    ancestors: str
    store_hash: str = ""  # the store that the panel was placed for, where one account has several
    connection_id: int = 0
    pass_id: int = 0  # of the device that opens it, where devices are paired


def _dump(ref: Ref | None) -> list[str] | None:
    return [ref.kind, ref.id] if ref else None


def _load(data: list[str] | None) -> Ref | None:
    return Ref(*data) if data else None
