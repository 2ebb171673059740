"""Whom a record names, for a panel that stands on it: the person, the account, e-mail addresses."""

from __future__ import annotations

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Named, Ref
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.odata import Row, is_literal, literal, query, set_name
from app.domain.customer import fold

TICKET = "ServiceRequest"
# Which properties of an entity are e-mail addresses, the human id of the account and that of the contact.
MAILS: dict[str, tuple[str, ...]] = {
    names.CUSTOMER: ("Email",),
    names.CONTACT: ("Email",),
    names.ACCOUNT: ("Email",),
    names.LEAD: ("ContactEMail", "IndividualCustomerEMail"),
}
PARTIES: dict[str, tuple[str, str]] = {
    names.CONTACT: ("AccountID", ""),
    names.LEAD: ("AccountPartyID", "ContactID"),
    names.OPPORTUNITY: ("ProspectPartyID", "PrimaryContactPartyID"),
    names.ORDER: ("BuyerPartyID", "BuyerContactPartyID"),
    TICKET: ("BuyerPartyID", "BuyerMainContactPartyID"),
}
KINDS = frozenset((*MAILS, *PARTIES))


def named(settings: Settings, account: Account, ref: Ref) -> Named | None:
    """One call for the record, one batch for the parties that it names; None: there is no such record."""
    if ref.kind not in KINDS or not is_literal(ref.id):
        return None
    client = Client(settings, account)
    mails, parties = MAILS.get(ref.kind, ()), PARTIES.get(ref.kind, ("", ""))
    found = list(client.all(_path(ref.kind, "ObjectID", ref.id, (*mails, *parties))))
    if not found:
        return None
    buyer, contact = (str(found[0].get(name) or "") if name else "" for name in parties)
    person, company = _partners(client, buyer, contact)
    addresses = [
        fold(str(row.get(name) or "")) for row, mails in ((found[0], mails), (person, ("Email",))) for name in mails
    ]
    return Named(
        _ref(names.CONTACT if person.get("ContactID") else names.CUSTOMER, person),
        _ref(names.ACCOUNT, company),
        tuple(dict.fromkeys(address for address in addresses if "@" in address)),
    )


def _partners(client: Client, buyer: str, contact: str) -> tuple[Row, Row]:
    """The person and the company behind two numbers: that of a buyer does not tell which of them it is."""
    wanted = [
        (kind, number)
        for kind, number in ((names.CONTACT, contact), (names.CUSTOMER, buyer), (names.ACCOUNT, buyer))
        if is_literal(number)
    ]
    if not wanted:
        return {}, {}
    paths = [_path(kind, names.HUMAN[kind], number, ("Email",)) for kind, number in wanted]
    rows = {kind: found[0] for (kind, _), found in zip(wanted, client.read(paths), strict=True) if found}
    return rows.get(names.CONTACT) or rows.get(names.CUSTOMER) or {}, rows.get(names.ACCOUNT) or {}


def _path(kind: str, name: str, value: str, fields: tuple[str, ...]) -> str:
    human = (names.HUMAN[kind],) if kind in names.HUMAN else ()
    select = dict.fromkeys(("ObjectID", *human, *filter(None, fields)))
    return query(set_name(kind), filter=f"{name} eq {literal(value)}", select=",".join(select), top="1", format="json")


def _ref(kind: str, row: Row) -> Ref | None:
    return Ref(kind, str(row["ObjectID"])) if row else None
