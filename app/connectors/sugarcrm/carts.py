"""Leads: carts, and people who registered but never bought. A known contact's cart may be an opportunity instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from app.connectors.base import Flag, Key, Known, Ref
from app.connectors.sugarcrm.addresses import emails, filled, postal, with_primary
from app.connectors.sugarcrm.context import CONVERTED, Context, claim, conversion, is_converted
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.lookup import EMAIL, Wants
from app.connectors.sugarcrm.mappings import LEAD
from app.connectors.sugarcrm.orders import LINKS, Token, archive
from app.connectors.sugarcrm.schema import CONTACTS, LEADS, OPPORTUNITIES, RLIS
from app.connectors.sugarcrm.steps import Plan, Step
from app.connectors.sugarcrm.values import day, money
from app.connectors.sugarcrm.views import CartView, PersonView
from app.db import now
from app.domain import Cart, Customer
from app.domain.record import digest
from app.mapping import payload

CART = "cart-"  # in keys
DECISION = timedelta(days=30)  # until a cart's opportunity is expected to close
LINE = "cart"  # the key of its only line item


def wants(cart: Cart, known: Mapping[Key, Known], facts: Facts, into: Wants, *, unsure: bool) -> None:
    """Look for the buyer's contact, and for what an earlier attempt left."""
    place = known.get(("cart", cart.id))
    if place is not None and _is_open_lead(place):
        into.add(LEADS, "id", place.ref.id)
    elif unsure and place is None:
        into.record(LEADS, CART + cart.id, facts)
        into.record(OPPORTUNITIES, CART + cart.id, facts)
        into.record(RLIS, _line_id(cart.id), facts)


def want_lead(customer: Customer, known: Mapping[Key, Known], facts: Facts, into: Wants) -> None:
    """Look for somebody among leads and contacts."""
    if ("lead", customer.id) in known:
        into.add(LEADS, "id", known[("lead", customer.id)].ref.id)
    into.record(LEADS, customer.id, facts)
    into.record(CONTACTS, customer.id, facts)
    for module in (LEADS, CONTACTS):
        into.add(module, EMAIL, PersonView(customer).email)


def plan(cart: Cart, place: Known | None, context: Context) -> Plan:
    """A cart in the state it is in. Who cannot be named is no lead."""
    planned = Plan()
    if ("cart", cart.id) in context.gone:
        return planned
    place = place or _found(cart.id, context)
    if place is not None and _is_open_lead(place):
        place = _lead_now(cart, place, context, planned)
        if place is None:
            return planned
    if place is not None and place.children == CONVERTED:
        planned.made[("cart", cart.id)] = place
    elif cart.is_recovered:
        _recovered(cart, place, context, planned)
    elif place is not None and place.ref.kind == OPPORTUNITIES:
        _opportunity(cart, place, context, planned)
    elif place is None and context.switches.get("carts_as_opportunities") and _buyer(cart, context, "customer"):
        _opportunity(cart, None, context, planned)
    elif place is not None or PersonView(cart.buyer).email:
        _lead(cart, place, context, planned)
    return planned


def _is_open_lead(place: Known) -> bool:
    return place.ref.kind == LEADS and place.children != CONVERTED


def _lead_now(cart: Cart, place: Known, context: Context, planned: Plan) -> Known | None:
    """The lead as people left it; None if they deleted it."""
    row = context.found.by_id(LEADS, place.ref.id)
    if row is None:
        planned.gone.add(("cart", cart.id))
        words = f"The lead of {cart.buyer.name or 'a cart'} is deleted in SugarCRM; it is not made anew."
        planned.flags.append(Flag("DELETED_THERE", words))
        return None
    return Known(place.ref, CONVERTED) if is_converted(row) else place


def forget(cart_id: str, place: Known, context: Context) -> Plan:
    """A cart that is gone is lost."""
    if place.ref.kind == OPPORTUNITIES:
        return archive(cart_id, place, context.facts, "cart")
    planned = Plan()
    if place.children != CONVERTED:
        body = filled({"status": context.facts.choice("Leads.status", "Dead")})
        planned.steps.append(Step("PUT", LEADS, place.ref.id, body, makes=(("cart", cart_id),)))
    return planned


def register(customer: Customer, context: Context) -> Plan | None:
    """Somebody who registered and never bought, as a lead; None if there is a contact of theirs already."""
    facts, found, view = context.facts, context.found, PersonView(customer)
    is_there = found.record(CONTACTS, customer.id, facts) or (view.email and found.having(CONTACTS, EMAIL, view.email))
    key = ("lead", customer.id)
    if is_there or ("customer", customer.id) in context.known:
        return None
    planned = Plan()
    if key in context.gone:
        return planned
    place = context.place(key)
    there = found.by_id(LEADS, place.ref.id) if place is not None else None
    if place is not None and (there is None or is_converted(there)):
        return _left(customer, there, planned)
    row = _free_lead(customer, place, context)
    body = lead_body(view, facts, creating=row is None and place is None)
    if place is None and row is None:
        body |= {**facts.keyed(LEADS, customer.id), **context.owner("lead"), **with_primary(view.email)}
        planned.steps.append(Step("POST", LEADS, context.new_id(LEADS, customer.id), filled(body), makes=(key,)))
        return planned
    where = place or Known(Ref(LEADS, str(row["id"] if row else "")))
    planned.made[key] = where
    if row is not None and context.meets(key, LEADS, row, place):
        planned.met.add(key, is_ours=context.is_ours(LEADS, row, customer.id))
        body = {}
    elif place is None and row is not None:
        body |= with_primary(view.email, emails(row))
    if place is None and row is not None:
        planned.steps += claim(LEADS, where.ref.id, customer.id, row, body, facts)
    planned.steps.append(Step("PUT", LEADS, where.ref.id, body, makes=(key,), children=where.children))
    return planned


def _left(customer: Customer, lead: Row | None, planned: Plan) -> Plan | None:
    """What people did with somebody's lead: converted, they are a contact by now; deleted, it is not made anew."""
    if lead is not None:
        return None
    planned.gone.add(("lead", customer.id))
    planned.flags.append(Flag("DELETED_THERE", f"The lead of {customer.name} is deleted in SugarCRM."))
    return planned


def content(cart: Cart) -> Row:
    """All that would be sent of a cart, for the fingerprint."""
    view = CartView(cart)
    return {"name": view.name, "goods": view.goods, "buyer": cart.buyer.id, "order": cart.order_id}


def lead_body(view: PersonView, facts: Facts, *, creating: bool) -> Row:
    """A person's fields on a lead."""
    row = {**payload(LEAD, view, creating=creating), **postal("primary", view.customer.billing)}
    if creating:
        row |= {
            "status": facts.choice("Leads.status", "New"),
            "lead_source": facts.choice("Leads.lead_source", "Web Site"),
        }
    return facts.fitting(LEADS, filled(row))


def _line_id(cart_id: str) -> str:
    return f"{CART}{cart_id}-{LINE}"


def _found(cart_id: str, context: Context) -> Known | None:
    """Where an earlier attempt left a cart."""
    found, facts = context.found, context.facts
    lead = found.record(LEADS, CART + cart_id, facts)
    if lead is not None:
        return Known(Ref(LEADS, str(lead["id"])), CONVERTED if is_converted(lead) else ())
    deal, line = found.record(OPPORTUNITIES, CART + cart_id, facts), found.record(RLIS, _line_id(cart_id), facts)
    if deal is None:
        return None
    return Known(Ref(OPPORTUNITIES, str(deal["id"])), (str(Token(LINE, "", str(line["id"]))),) if line else ())


def _free_lead(customer: Customer, place: Known | None, context: Context) -> Row | None:
    """A lead of this person that nobody claimed or converted."""
    facts, found = context.facts, context.found
    if place is not None:
        return None
    own = found.record(LEADS, customer.id, facts)
    email = PersonView(customer).email
    free = (
        row
        for row in (found.having(LEADS, EMAIL, email) if email else ())
        if not facts.keys_of(LEADS, row) and not is_converted(row)
    )
    return own or next(free, None)


def _buyer(cart: Cart, context: Context, kind: str) -> str:
    place = context.place((kind, cart.buyer.id))
    return place.ref.id if place is not None else ""


def _lead(cart: Cart, place: Known | None, context: Context, planned: Plan) -> None:
    facts, view, key = context.facts, CartView(cart), ("cart", cart.id)
    deal = {"opportunity_name": view.name, "opportunity_amount": view.amount, "description": view.goods}
    if place is not None:
        planned.made[key] = place
        planned.steps.append(Step("PUT", LEADS, place.ref.id, facts.fitting(LEADS, deal), makes=(key,)))
        return
    person = PersonView(cart.buyer)
    body = {
        **lead_body(person, facts, creating=True),
        **deal,
        **with_primary(person.email),
        **facts.keyed(LEADS, CART + cart.id),
        **context.owner("lead"),
    }
    made = context.new_id(LEADS, CART + cart.id)
    planned.steps.append(Step("POST", LEADS, made, facts.fitting(LEADS, filled(body)), makes=(key,)))


def _opportunity(cart: Cart, place: Known | None, context: Context, planned: Plan) -> None:
    facts, view, key = context.facts, CartView(cart), ("cart", cart.id)
    close = day((cart.modified_at or cart.created_at or now()) + DECISION)
    amount, currency = money(cart.amount), facts.currency_id(cart.currency)
    values = {"likely_case": amount, "best_case": amount, "worst_case": amount, "discount_price": amount}
    line = {"name": view.name, "quantity": "1", "sales_stage": facts.open, "date_closed": close, **values}
    line |= {"currency_id": currency}
    body: Row = {"name": view.name, "description": view.goods, "currency_id": currency}
    if not facts.rli:
        body |= {name: line[name] for name in ("sales_stage", "date_closed", "best_case", "worst_case")}
        body["amount"] = amount
    tokens = {token.key: token for token in map(Token.read, place.children)} if place is not None else {}
    deal = place.ref.id if place is not None else context.new_id(OPPORTUNITIES, CART + cart.id)
    if facts.rli and LINE not in tokens:
        # Its id is ours, so that nothing needs to be read back for one line.
        new = {**line, **facts.keyed(RLIS, _line_id(cart.id)), "opportunity_id": deal}
        made = context.new_id(RLIS, _line_id(cart.id))
        body[LINKS] = {"create": [{"id": made, **new}]}
        tokens[LINE] = Token(LINE, digest(line)[:12], made)
    elif facts.rli:
        planned.steps.append(Step("PUT", RLIS, tokens[LINE].id, line))
    children = tuple(map(str, tokens.values()))
    if place is None:
        body |= {
            **facts.keyed(OPPORTUNITIES, CART + cart.id),
            **context.owner("opportunity"),
            "account_id": _buyer(cart, context, "account"),
            "contacts": {"add": [_buyer(cart, context, "customer")]},
        }
    fit = facts.fitting(OPPORTUNITIES, body if place is not None else filled(body))
    method = "POST" if place is None else "PUT"
    planned.steps.insert(0, Step(method, OPPORTUNITIES, deal, fit, makes=(key,), children=children))


def _recovered(cart: Cart, place: Known | None, context: Context, planned: Plan) -> None:
    """The lead is converted into the order's records; an opportunity beside the order's own is lost."""
    key, order = ("cart", cart.id), context.place(("order", cart.order_id))
    if place is None:
        return
    planned.made[key] = place
    if place.ref.kind == OPPORTUNITIES:
        if order is not None and order.ref != place.ref:
            planned.add(archive(cart.id, place, context.facts, "cart"))
        return
    contact, account = (_buyer(cart, context, kind) for kind in ("customer", "account"))
    step = conversion(place.ref.id, (key,), context, contact, account, order.ref.id if order is not None else "")
    if not contact:  # the order's own write converts it; here only its end is known
        body = {"status": context.facts.choice("Leads.status", "Converted")}
        step = replace(step, method="PUT", action="", body=filled(body), children=())
    planned.steps.append(step)
