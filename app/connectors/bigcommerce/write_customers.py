"""Edits of customers carried into the store: the person, the first address of their book, and people who are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.connectors.base import Edit, Edited, Payload
from app.connectors.bigcommerce.batches import Answers, Sent, send
from app.connectors.bigcommerce.client import Client
from app.connectors.bigcommerce.customers import CUSTOMERS
from app.connectors.bigcommerce.states import state_name
from app.connectors.bigcommerce.windows import lists
from app.domain import Customer
from app.domain.customer import fold
from app.domain.fields import PERSON, POSTAL, fields
from app.errors import Rejected

ADDRESSES = f"{CUSTOMERS}/addresses"
BATCH = 10  # more are refused with 413
PARTS = ("lead", "account", "customer")  # the later knows better
V3_NAMES = {
    "street_1": "address1",
    "street_2": "address2",
    "city": "city",
    "state": "state_or_province",
    "postal_code": "postal_code",
    "country_code": "country_code",
}
NEEDED = ("street_1", "city", "state", "postal_code", "country_code")  # besides the person's names


@dataclass
class Change:
    """What one edit asks for, and what became of it."""

    customer: Customer
    person: Payload = field(default_factory=dict)
    address: Payload = field(default_factory=dict)
    error: Rejected | None = None
    received: Payload = field(default_factory=dict)
    waits: frozenset[str] = frozenset()

    def take(self, name: str, answer: Payload | Rejected | None, otherwise: Rejected) -> None:
        """Note the answer to one of the calls."""
        if isinstance(answer, Rejected) or answer is None:
            self.error = answer or otherwise
        else:
            self.received[name] = answer

    def edited(self) -> Edited:
        sent = {name: body for name, body in (("customer", self.person), ("address", self.address)) if body}
        return Edited(self.customer.id, self.error, sent or None, self.received or None, self.waits)


class CustomerWriter:
    """Writes customers in batches; nothing that equals what the store has."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def update(self, edits: Sequence[Edit]) -> list[Edited]:
        """Change customers, make those without a record; one answer per edit."""
        changes = {edit.id: _change(edit.record, edit) for edit in edits if isinstance(edit.record, Customer)}
        self._write_people([change for change in changes.values() if change.person])
        sound = [change for change in changes.values() if change.address and change.error is None]
        self._write_addresses([change for change in sound if change.customer.billing.id])
        self._add_addresses([change for change in sound if not change.customer.billing.id])
        new = [edit for edit in edits if not isinstance(edit.record, Customer)]
        made = dict(zip((id(edit) for edit in new), self._create(new), strict=True))
        return [made[id(edit)] if id(edit) in made else changes[edit.id].edited() for edit in edits]

    def _write_people(self, changes: Sequence[Change]) -> None:
        bodies = {change.customer.id: {"id": int(change.customer.id), **change.person} for change in changes}
        answers = send(lambda rows: self._client.put(CUSTOMERS, rows), bodies, BATCH, lambda row: str(row["id"]))
        for change in changes:
            lost = Rejected("BigCommerce did not take the change of this customer.", code="BC_NOT_TAKEN")
            change.take("customer", answers[change.customer.id], lost)

    def _write_addresses(self, changes: Sequence[Change]) -> None:
        ids = {change.customer.id: change.customer.billing.id for change in changes}
        bodies = {ids[change.customer.id]: {"id": int(ids[change.customer.id]), **change.address} for change in changes}
        answers = send(lambda rows: self._client.put(ADDRESSES, rows), bodies, BATCH, lambda row: str(row["id"]))
        for change in changes:
            # An address that would become like another one is passed over with 200.
            twin = Rejected(
                "The customer's address book holds this address already, as another entry than the first one, which "
                "is the one that counts. Delete one of the two in BigCommerce.",
                code="BC_ADDRESS_TWIN",
            )
            change.take("address", answers[ids[change.customer.id]], twin)

    def _add_addresses(self, changes: Sequence[Change]) -> None:
        bodies = {change.customer.id: change.address for change in changes}
        answers = send(
            lambda rows: self._client.post(ADDRESSES, rows), bodies, BATCH, lambda row: str(row["customer_id"])
        )
        # An address that is there already is left out of an answer of success: somebody was quicker.
        left_out = [change.customer.id for change in changes if answers[change.customer.id] is None]
        for part in lists(left_out, most=BATCH):
            for row in self._client.rows_v3(ADDRESSES, {"customer_id:in": part}):
                if _is_same(row, bodies[str(row["customer_id"])]):
                    answers[str(row["customer_id"])] = row
        for change in changes:
            lost = Rejected("BigCommerce did not take the address of this customer.", code="BC_NOT_TAKEN")
            change.take("address", answers[change.customer.id], lost)

    def _create(self, edits: Sequence[Edit]) -> list[Edited]:
        wanted = {id(edit): _with_state(_wanted(edit.values), "") for edit in edits}
        bodies = {fold(given["email"]): _new(given) for given in wanted.values() if given.get("email", "").strip()}
        answers: Answers = dict(self._by_email(list(bodies)))
        missing: Sent = {email: body for email, body in bodies.items() if email not in answers}
        answers |= send(
            lambda rows: self._client.post(CUSTOMERS, rows), missing, BATCH, lambda row: fold(str(row["email"]))
        )
        # An e-mail that is taken by now is somebody's who came between.
        refused = [email for email in missing if not isinstance(answers[email], dict)]
        answers |= self._by_email(refused)
        return [_created(wanted[id(edit)], missing, answers) for edit in edits]

    def _by_email(self, emails: Sequence[str]) -> dict[str, Payload]:
        found: dict[str, Payload] = {}
        for part in lists(emails, most=BATCH * 5):
            for row in self._client.rows_v3(CUSTOMERS, {"email:in": part}):
                found.setdefault(fold(str(row["email"])), row)
        return found


def _created(given: Mapping[str, str], missing: Sent, answers: Answers) -> Edited:
    email = fold(given.get("email", ""))
    if not email:
        return Edited("", Rejected("A customer of the store needs an e-mail address.", code="BC_EMAIL", field="email"))
    answer, sent = answers[email], missing.get(email)
    if isinstance(answer, dict):
        return Edited(str(answer["id"]), sent=sent, received=answer)
    return Edited("", answer or Rejected("BigCommerce did not take this customer.", code="BC_NOT_TAKEN"), sent)


def _wanted(values: Mapping[tuple[str, str], Mapping[str, str]]) -> dict[str, str]:
    """The fields of all parts of a person as one."""
    merged: dict[str, str] = {}
    for kind in PARTS:
        for (part, _), given in values.items():
            merged |= {name: text.strip() for name, text in given.items()} if part == kind else {}
    return merged


def _with_state(given: dict[str, str], country_code: str) -> dict[str, str]:
    """The same with the state in full; `country_code`: of the address as it is."""
    if "state" in given:
        given["state"] = state_name(given["state"], given.get("country_code") or country_code)
    return given


def _change(customer: Customer, edit: Edit) -> Change:
    has = fields(customer)[("customer", customer.id)]
    wanted = _with_state(_wanted(edit.values), has["country_code"])
    changed = {name: text for name, text in wanted.items() if text != has.get(name)}
    change = Change(customer, {name: changed[name] for name in PERSON if name in changed})
    postal = {name: changed[name] for name in POSTAL if name in changed}
    change.waits = without_country(postal)
    if change.person.get("email") == "":  # by which the person signs in
        del change.person["email"]
        change.waits |= {"email"}
    if customer.billing.id:
        change.address = {V3_NAMES[name]: text for name, text in postal.items()}
        # What the person lacks is read from the address; it is only empty when both are.
        emptied = (name for name in ("company", "phone") if changed.get(name) == "" and getattr(customer.billing, name))
        change.address |= dict.fromkeys(emptied, "")
    elif any(postal.values()):
        names = {name: changed.get(name, has[name]) for name in ("first_name", "last_name")}
        change.address = {"customer_id": int(customer.id), **names, **_postal({**has, **postal})}
    return change


def without_country(postal: dict[str, str]) -> frozenset[str]:
    """Take an emptied country out, which no address of the store is without: it waits for another one."""
    if postal.get("country_code", "any"):
        return frozenset()
    del postal["country_code"]
    return frozenset({"country_code"})


def _postal(given: Mapping[str, str]) -> Payload:
    return {theirs: given[name] for name, theirs in V3_NAMES.items() if given.get(name)}


def _new(given: Mapping[str, str]) -> Payload:
    """A customer to be made; an address only if it has all that BigCommerce asks for."""
    body: Payload = {name: given[name] for name in PERSON if given.get(name)}
    if all(given.get(name) for name in NEEDED):
        names = {name: given.get(name, "") for name in ("first_name", "last_name")}
        body["addresses"] = [{**names, **_postal(given)}]
    return body


def _is_same(row: Payload, body: Payload) -> bool:
    return all(str(row.get(name) or "").casefold() == str(value).casefold() for name, value in body.items())
