"""Whom a record names, for a panel that stands on it: contact, account, e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Named, Ref
from app.connectors.sugarcrm.addresses import emails, text
from app.connectors.sugarcrm.client import Client, Request
from app.connectors.sugarcrm.facts import Row
from app.connectors.sugarcrm.schema import ACCOUNTS, CASES, CONTACTS, LEADS, OPPORTUNITIES
from app.domain.customer import fold
from app.errors import NotFound

FIELDS = {
    CONTACTS: "email,account_id",
    ACCOUNTS: "email",
    LEADS: "email,contact_id,account_id",
    OPPORTUNITIES: "account_id",
    CASES: "account_id,primary_contact_id",
}
WITH_CONTACTS = (OPPORTUNITIES, CASES)  # related to contacts by a link
FEW = 5  # contacts of a deal


def named(settings: Settings, account: Account, ref: Ref) -> Named | None:
    """One bulk call, and one more for the address of a case's primary contact; None: there is no such record."""
    if ref.kind not in FIELDS:
        return None
    client = Client(settings, account)
    path = f"{ref.kind}/{quote(ref.id, safe='')}"
    requests = [Request("GET", f"{path}?fields={FIELDS[ref.kind]}")]
    if ref.kind in WITH_CONTACTS:
        requests.append(Request("GET", f"{path}/link/contacts?fields=email&max_num={FEW}"))
    answers = client.many(requests)
    for answer in answers:
        if isinstance(answer.error, NotFound):
            return None
        if answer.error is not None:
            raise answer.error
    row: Row = answers[0].body
    people: list[Row] = answers[1].body["records"] if len(answers) > 1 else []
    chosen = text(row, "primary_contact_id") or text(row, "contact_id") or (text(people[0], "id") if people else "")
    if not chosen:
        return _named(row, "", [row])
    known = [one for one in people if text(one, "id") == chosen]
    return _named(row, chosen, [row, *(known or [client.get(f"{CONTACTS}/{quote(chosen, safe='')}?fields=email")])])


def _named(row: Row, contact: str, people: Iterable[Row]) -> Named:
    addresses = (fold(text(one, "email_address")) for person in people for one in emails(person))
    account = text(row, "account_id")
    return Named(
        Ref(CONTACTS, contact) if contact else None,
        Ref(ACCOUNTS, account) if account else None,
        tuple(dict.fromkeys(address for address in addresses if "@" in address)),
    )
