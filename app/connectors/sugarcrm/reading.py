"""The way back: what the instance holds in our names for it, what changed there, what is gone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from app.connectors.base import Changes, CrmUser, Key, Ref, Seen, Theirs
from app.connectors.sugarcrm import carts, companies, people, products
from app.connectors.sugarcrm.addresses import primary, read_postal, text, with_primary
from app.connectors.sugarcrm.client import Client, Request, filtered
from app.connectors.sugarcrm.companies import PREFIX
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.orders import header
from app.connectors.sugarcrm.schema import ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, TEMPLATES
from app.connectors.sugarcrm.values import decimal, instant, moment
from app.connectors.sugarcrm.views import PersonView
from app.domain import Company, Customer, Order, Product, Record
from app.domain.fields import Fields, price_text
from app.errors import Rejected

PAGE = 500
YOUNG = timedelta(seconds=2)
OVERLAP = timedelta(seconds=10)  # what is saved now may show up a moment later under an earlier second
_ORDER_FIELDS = {"bc_status_c": "status", "bc_tracking_c": "tracking_number", "bc_carrier_c": "carrier"}
_POSTAL = ("street", "city", "state", "postalcode", "country")
_MOMENT = ("date_modified", "modified_user_id")


def _address(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_address_{part}" for part in _POSTAL)


FIELDS: Mapping[str, tuple[str, ...]] = {
    CONTACTS: ("first_name", "last_name", "email", "phone_work", "account_id"),
    ACCOUNTS: ("name", "email", "phone_office", *_address("billing")),
    LEADS: ("first_name", "last_name", "email", "phone_work", "account_name", "contact_id", *_address("primary")),
    TEMPLATES: ("name", "discount_price", "currency_id", "qty_in_stock"),
    OPPORTUNITIES: ("name", *_ORDER_FIELDS),
}


# ---- records in our names


def fields(module: str, row: Mapping[str, Any], facts: Facts) -> Fields:
    """What we carry back of a record there; of our own rows before they are sent it tells what will be there."""
    match module:
        case "Contacts":
            return _person(row)
        case "Leads":
            return {**_person(row), "company": text(row, "account_name"), **read_postal("primary", row)}
        case "Accounts":
            return _account(row, facts)
        case "ProductTemplates":
            price = price_text(decimal(row.get("discount_price")), facts.currency(text(row, "currency_id")))
            return {"name": text(row, "name"), "price": price, "stock": text(row, "qty_in_stock").partition(".")[0]}
        case "Opportunities":
            there = {theirs: ours for theirs, ours in _ORDER_FIELDS.items() if facts.has(OPPORTUNITIES, theirs)}
            return {ours: text(row, theirs) for theirs, ours in there.items()}
    return {}


def _person(row: Mapping[str, Any]) -> Fields:
    return {
        "first_name": text(row, "first_name"),
        "last_name": text(row, "last_name"),
        "email": primary(row),
        "phone": text(row, "phone_work"),
    }


def _account(row: Mapping[str, Any], facts: Facts) -> Fields:
    """A customer's account has their company and address, a company's is the company."""
    where = read_postal("billing", row)
    if facts.our_id(facts.keys_of(ACCOUNTS, row)).startswith(PREFIX):
        return {"name": text(row, "name"), "email": primary(row), "phone": text(row, "phone_office"), **where}
    return {"company": text(row, "name"), **where}


def shown(record: Record, facts: Facts, switches: Mapping[str, bool]) -> dict[Key, Fields]:
    """What fields() will tell of a record once it is written."""
    match record:
        case Customer():
            return _shown_customer(record, facts, switches)
        case Company():
            row = {**companies.body(record, facts), **with_primary(record.email.strip())}
            row |= facts.keyed(ACCOUNTS, PREFIX + record.id)
            return {("company", record.id): fields(ACCOUNTS, row, facts)}
        case Product():
            rows = {variant.id: products.body(variant, facts, creating=False) for variant in record.variants}
            return {("variant", our_id): fields(TEMPLATES, row, facts) for our_id, row in rows.items()}
        case Order():
            found = fields(OPPORTUNITIES, header(record, facts, creating=False), facts)
            return {("order", record.id): found} if found else {}
    return {}


def _shown_customer(customer: Customer, facts: Facts, switches: Mapping[str, bool]) -> dict[Key, Fields]:
    view = PersonView(customer)
    email = with_primary(view.email)
    contact = {**people.contact_body(view, facts, creating=False), **email}
    parts = {("customer", customer.id): fields(CONTACTS, contact, facts)}
    if not customer.company_id:  # else they share the company's
        parts[("account", customer.id)] = fields(ACCOUNTS, people.account_body(view, facts), facts)
    if switches.get("registrations_as_leads"):
        lead = {**carts.lead_body(view, facts, creating=False), **email}
        parts[("lead", customer.id)] = fields(LEADS, lead, facts)
    return parts


# ---- reading


def read_many(client: Client, module: str, ids: Sequence[str], facts: Facts) -> dict[str, Theirs | Rejected | None]:
    """Records as they are now; None: deleted, merged, or out of the user's sight.

    Merging deletes the losers, and neither says who won nor leaves anything on them by which to tell: whatever is next
    written about somebody finds the winner by their e-mail address, or by where their contact is now.
    """
    found: dict[str, Theirs | Rejected | None] = dict.fromkeys(ids)
    request = _list(module, [{"id": {"$in": list(ids)}}], facts)
    found.update({str(row["id"]): _theirs(module, row, facts) for row in client.rows(request)} if ids else {})
    return found


def _list(module: str, where: Sequence[Row], facts: Facts) -> Request:
    custom = tuple(name for name in FIELDS[module] if not name.endswith("_c") or facts.has(module, name))
    return filtered(module, where, ("id", *_MOMENT, *custom, *facts.key_fields(module)))


def _theirs(module: str, row: Row, facts: Facts) -> Theirs:
    return Theirs(
        Ref(module, str(row["id"])),
        fields(module, row, facts),
        instant(str(row["date_modified"])),
        is_echo=row.get("modified_user_id") == facts.user_id,
        store_id=facts.our_id(facts.keys_of(module, row)).removeprefix(PREFIX),
    )


# ---- what changed


def changes(client: Client, module: str, cursor: str, facts: Facts) -> Changes:
    """A page of what changed since the cursor, by the vendor's clock, deleted records among it.

    The cursor goes back a little behind the newest; it names what was told in that time already, so that only what is
    new comes again.
    """
    if not cursor:
        return Changes((), _cursor(_clock(client), (), 0))
    state = json.loads(cursor)
    since, offset = str(state["since"]), int(state.get("offset", 0))
    start = instant(str(state.get("start", since)))  # of the first of these pages
    where = [{"date_modified": {"$gte": since}}]
    request = filtered(module, where, ("id", *_MOMENT), order_by="date_modified:ASC,id:ASC")
    page = _page(client, request, offset)
    told = {tuple(one) for one in state.get("told", ())}
    rows = [(row, instant(str(row["date_modified"]))) for row in page["records"]]
    fresh = [(row, at) for row, at in rows if (str(row["id"]), moment(at)) not in told]
    seen = tuple(
        Seen(Ref(module, str(row["id"])), at, row.get("modified_user_id") == facts.user_id) for row, at in fresh
    )
    told |= {(str(row["id"]), moment(at)) for row, at in rows}
    following = int(page.get("next_offset") or -1)
    if following >= 0:
        last = rows[-1][1] if rows else instant(since)
        stuck = moment(last) == since  # more records in one second than fit a page
        kept = (one for one in told if instant(str(one[1])) >= last - OVERLAP)
        return Changes(seen, _cursor(last, kept, following if stuck else 0, start), more=True)
    newest = max((at for _, at in rows), default=instant(since) + OVERLAP)
    # What became visible late may be older than the last page.
    following_from = max(newest - OVERLAP, start)
    over = moment(_read_clock(client.date) - YOUNG)  # whatever is younger may change once more within its second
    kept = (one for one in told if str(one[1]) < over and instant(str(one[1])) >= following_from)
    return Changes(seen, _cursor(following_from, kept, 0))


def _page(client: Client, request: Request, offset: int) -> Row:
    """A page with deleted records, or without where lists take no such argument."""
    body = {**request.body, "max_num": PAGE, "offset": offset}
    try:
        found = client.call(Request("POST", request.path, {**body, "deleted": True}))
    except Rejected as error:
        if error.status != 422:
            raise
        found = client.call(Request("POST", request.path, body))
    return dict(found)


def _clock(client: Client) -> datetime:
    return _read_clock(client.server_time()) - OVERLAP


def _read_clock(date: str) -> datetime:
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        raise Rejected("SugarCRM's answers have no date.", code="NO_CLOCK") from None


def _cursor(since: datetime, told: Iterable[tuple[Any, ...]], offset: int, start: datetime | None = None) -> str:
    state = {"since": moment(since), "told": sorted(told), "offset": offset, "start": moment(start or since)}
    return json.dumps(state)


# ---- people there


def users(client: Client) -> tuple[CrmUser, ...]:
    """Active users, by name."""
    request = filtered(
        "Users", [{"status": "Active"}], ("id", "full_name", "user_name", "email"), order_by="last_name:ASC"
    )
    name: Callable[[Row], str] = lambda row: text(row, "full_name") or text(row, "user_name")  # noqa: E731
    return tuple(CrmUser(str(row["id"]), name(row), primary(row)) for row in client.rows(request))
