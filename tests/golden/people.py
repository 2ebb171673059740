"""Classes of buyers: guests and customers, names and addresses of every kind."""

from __future__ import annotations

from tests.golden.classes import hard
from tests.golden.draft import CALLS, EDITS, ENDS, Draft
from tests.golden.words import BAD_EMAILS, LONG, SCRIPTS


@hard("buyer")
def guest(draft: Draft) -> None:
    """Nobody that the store knows."""


@hard("buyer")
def registered(draft: Draft) -> None:
    draft.person.is_registered = True
    draft.then(ENDS, "again")


@hard("buyer", "email")
def guest_then_registered(draft: Draft) -> None:
    """With the same e-mail in another case; the order becomes theirs, and they come back."""
    draft.then(CALLS, "join", email=draft.person.email.swapcase())
    draft.then(EDITS, "claim")
    draft.then(ENDS, "again")


@hard("buyer", "email")
def registered_then_guest(draft: Draft) -> None:
    """Somebody with an account buys without signing in, with the e-mail in another case."""
    draft.person.is_registered = draft.person.as_guest = True
    draft.person.account_email = draft.person.email.swapcase()
    draft.then(ENDS, "again")


@hard("buyer", "email")
def two_emails(draft: Draft) -> None:
    """A customer who types another e-mail at the checkout than that of the account."""
    draft.person.is_registered = True
    draft.person.account_email = f"account.{draft.number}@mail.example"
    draft.then(ENDS, "again")


@hard("buyer", "email")
def changed_email(draft: Draft) -> None:
    draft.person.is_registered = True
    draft.then(CALLS, "change_email", email=f"moved.{draft.number}@mail.example")
    draft.then(ENDS, "again")


@hard("name", "buyer")
def missing_last_name(draft: Draft) -> None:
    draft.person.last_name = ""


@hard("name", "buyer")
def missing_name(draft: Draft) -> None:
    draft.person.first_name = draft.person.last_name = ""
    draft.person.company = draft.chance.choice(("", f"Firm {draft.number} & Söhne"))


@hard("email", "buyer")
def invalid_email(draft: Draft) -> None:
    before, at, after = draft.chance.choice(BAD_EMAILS).partition("@")
    draft.person.email = f"{before}{draft.number}{at}{after}"


@hard("email", "buyer")
def missing_email(draft: Draft) -> None:
    draft.person.email = ""


@hard("name")
def every_script(draft: Draft) -> None:
    person = draft.person
    person.first_name, person.last_name, person.street, person.city = SCRIPTS[draft.number % len(SCRIPTS)]
    draft.body["customer_message"] = f"{person.city} ✓ {person.street}"


@hard("name", "buyer")
def long_fields(draft: Draft) -> None:
    """255 bytes and more, where the store itself sets no end."""
    person = draft.person
    person.first_name, person.last_name, person.street, person.city = LONG[draft.number % len(LONG)]
    person.company = f"{person.last_name}{draft.number}"
    draft.body["customer_message"] = person.street * 120


@hard("name", "email", "buyer")
def long_email(draft: Draft) -> None:
    draft.person.email = f"{'long.' * 12}{draft.number}@{'sub.' * draft.chance.choice((1, 20, 30))}example.com"


@hard("name")
def namesakes(draft: Draft) -> None:
    """People of one name at one address, each with an e-mail of their own."""
    draft.person.first_name, draft.person.last_name = "Jane", "Smith"


@hard("billing")
def moved(draft: Draft) -> None:
    """Staff corrects the address afterwards."""
    draft.then(EDITS, "edit", billing_address={"city": "Zürich", "street_1": "Bahnhofstrasse 1", "zip": "8001"})
