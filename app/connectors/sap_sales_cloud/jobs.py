"""What each kind of record asks for: what to look up, the parties and products first, then the documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.connectors.base import Key, Known
from app.connectors.sap_sales_cloud import activities, companies, leads, names, opportunities, orders, people, products
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, is_complete
from app.domain import Cart, Company, Customer, Message, Order, Product
from app.domain.customer import fold
from app.domain.order import Stage
from app.errors import Unsupported


@dataclass(frozen=True)
class Planner:
    """Plans jobs for one tenant with the merchant's switches."""

    facts: Facts
    switches: Mapping[str, bool]

    def wants(self, jobs: Sequence[Job]) -> Wants:
        """All that has to be looked up."""
        into = Wants()
        for job in jobs:
            self._want(job, into)
        return into

    def parties(self, job: Job, found: Found) -> Plan:
        """Persons, companies and products: what documents refer to."""
        record, context = job.write.record, people.Context(job, found, self.facts, self.switches)
        match record:
            case Customer():
                return self._customer(job, record, context)
            case Company():
                return companies.plan(record, context)
            case Product():
                shared = any(self.switches.get(option) for option in ("product_edits", "stock_edits"))
                return products.catalogued(record, job, found, self.facts, shared=shared)
            case Order() if not record.is_deleted and self._is_wanted(job, record):
                if orders.is_over(job, found, self.facts):
                    return Plan()
                planned = products.sold(record, job, found, self.facts)
                buyer = people.plan(record.buyer, context, overwrite=False)
                job.party = self._account(job, record.buyer, buyer.place)
                planned.add(buyer)
                return planned
            case None if job.write.kind == "product":
                return Plan(products.ended(job, set(), self.facts))
        return Plan()

    def documents(self, job: Job, found: Found) -> Plan:
        """What refers to parties and products."""
        record, kind = job.write.record, job.write.kind
        self._settle_party(job)
        match record:
            case Order() if not record.is_deleted:
                return self._order(job, record, found) if self._is_wanted(job, record) else Plan()
            case Cart():
                return self._cart(job, record, found)
            case Customer():
                return self._registration(job, record, found)
            case Message():
                return activities.message(job, activities.of_message(record), found, self.facts)
        if kind == "order":
            return self._gone_order(job, found)
        if kind == "cart":
            return self._gone_cart(job, found)
        if kind in ("customer", "company", "product", "message"):
            return Plan()  # people, their history and products stay
        raise Unsupported(f"SAP Sales Cloud has no place for a {kind}.")

    def follow_ups(self, job: Job, found: Found) -> list[Change]:
        """What can be written only once a document is there."""
        deal, cart_id = self._deal(job)
        if deal is None:
            return []
        place = opportunities.place(job, deal, cart_id)
        if place is None or deal.key in job.gone:
            return []
        there = found.by_id(names.OPPORTUNITY, place.ref.id) or job.rows.get(f"deal:{'-'.join(deal.key)}") or {}
        order = job.place("order", job.write.id) if job.write.kind == "order" else None
        change = opportunities.follow_up(deal, place, order, there, self.facts)
        return [change] if change else []

    # ---- one kind each

    def _want(self, job: Job, into: Wants) -> None:
        record, facts = job.write.record, self.facts
        match record:
            case Customer():
                people.want(job, record, facts, into, overwrite=True)
                leads.want(job, ("lead", record.id), facts, into)
            case Company():
                companies.want(job, record, facts, into)
            case Product():
                products.want(job, record, facts, into)
            case Cart():
                leads.want(job, ("cart", record.id), facts, into)
            case Message():
                activities.want(job, [activities.of_message(record)], facts, into)
                place = job.place("message", record.id)
                into.add(names.TASK, "ObjectID", *([place.ref.id] if place is not None else []))
            case Order() if not record.is_deleted and self._is_wanted(job, record):
                people.want(job, record.buyer, facts, into, overwrite=False)
                products.want(job, record, facts, into)
                if self.switches.get("activities"):
                    activities.want(job, activities.of_order(record), facts, into)
        self._want_documents(job, into)

    def _want_documents(self, job: Job, into: Wants) -> None:
        record = job.write.record
        if job.write.kind == "order" and (not isinstance(record, Order) or self._is_wanted(job, record)):
            self._want_order(job, into)
        if job.write.kind in ("order", "cart"):
            ends = (job.place("cart", job.write.id), job.place("opportunity", job.write.id))
            there = [place.ref.id for place in ends if place is not None and place.ref.kind == names.OPPORTUNITY]
            into.add(names.OPPORTUNITY, "ObjectID", *there)
        deal, cart_id = self._deal(job)
        if deal is not None:
            opportunities.want(job, deal, into, cart_id)

    def _want_order(self, job: Job, into: Wants) -> None:
        place = job.place("order", job.write.id)
        if place is not None:
            into.add(names.ORDER, "ObjectID", place.ref.id)
        else:  # also on a first attempt: links may be lost, and another order would count twice
            into.add(names.ORDER, "BuyerID", orders.external(job.write.id, self.facts))

    def _deal(self, job: Job) -> tuple[opportunities.Deal | None, str]:
        record = job.write.record
        if isinstance(record, Order) and self._is_wanted(job, record):
            there = job.place("cart", record.cart_id) if record.cart_id else None
            if self.switches.get("opportunities") or (there is not None and there.ref.kind == names.OPPORTUNITY):
                return opportunities.of_order(record, job, self.facts), record.cart_id
        if isinstance(record, Cart) and self._is_deal(job, record):
            return opportunities.of_cart(record, job, self.facts), ""
        return None, ""

    def _is_deal(self, job: Job, cart: Cart) -> bool:
        """Whether a cart is an opportunity: it is one already, or its buyer is known and the merchant wants that."""
        place = job.place("cart", cart.id)
        if cart.is_recovered:
            return False  # brought to an end as it stands
        if place is not None:
            return place.ref.kind == names.OPPORTUNITY
        return bool(self.switches.get("carts_as_opportunities")) and self._buyer(job) is not None

    def _is_wanted(self, job: Job, order: Order) -> bool:
        """What never was a sale is not made there."""
        return order.stage is not Stage.INCOMPLETE or job.place("order", order.id) is not None

    def _buyer(self, job: Job) -> Known | None:
        person = job.person
        place = people.linked(person, job.known) if person is not None else None
        return place if place is not None and is_complete(place) else None

    def _account(self, job: Job, buyer: Customer, there: Known | None) -> Known | None:
        """Whose order it is: who was an individual customer before buying for a company cannot be a contact of it."""
        company = job.place("company", buyer.company_id) if buyer.company_id else None
        alone = there is not None and there.ref.kind == names.CUSTOMER
        return company if alone and company is not None and company.children else there

    def _settle_party(self, job: Job) -> None:
        """The buyer's place once whatever was to be made for it is there."""
        person, record = job.person, job.write.record
        if job.party is None and isinstance(record, Message):
            job.party = job.place("customer", record.customer_id)
        if job.party is None and person is not None:
            place = job.place("customer", person.id) or people.linked(person, job.known)
            job.party = place if place is not None and is_complete(place) else None

    def _is_lead(self, job: Job, customer: Customer) -> bool:
        """Whether somebody registered and has not bought; who is there already as a person stays one."""
        fits = bool(self.switches.get("registrations_as_leads")) and not customer.has_ordered and not customer.is_guest
        return fits and people.linked(customer, job.known) is None

    def _customer(self, job: Job, customer: Customer, context: people.Context) -> Plan:
        if self._is_lead(job, customer) and people.choose(customer, context, Plan()) is None:
            return Plan()
        planned = people.plan(customer, context, overwrite=True)
        job.party = planned.place
        return planned

    def _registration(self, job: Job, customer: Customer, found: Found) -> Plan:
        there = job.place("lead", customer.id)
        if job.party is None and self._is_lead(job, customer):
            shared = bool(self.switches.get("customer_edits"))
            return leads.registration(customer, job, found, self.facts, shared=shared)
        if there is not None and leads.is_open(there) and job.party is not None:
            return Plan([leads.closed(("lead", customer.id), there, "lead_won", self.facts, job.party)])
        return Plan()

    def _order(self, job: Job, order: Order, found: Found) -> Plan:
        planned = orders.plan(order, job, found, self.facts)
        deal, cart_id = self._deal(job)
        if planned.gone:
            return planned
        if planned.error is None and deal is not None:
            planned.add(opportunities.plan(job, deal, found, self.facts, cart_id))
        if planned.error is None and self.switches.get("activities"):
            planned.add(activities.plan(job, activities.of_order(order), found, self.facts))
        there = job.place("lead", order.buyer.id)
        if there is not None and leads.is_open(there):
            planned.changes.append(leads.closed(("lead", order.buyer.id), there, "lead_won", self.facts, job.party))
        left = job.place("cart", order.cart_id) if order.cart_id else None
        if left is not None and leads.is_open(left) and job.party is not None:
            # Of a guest's cart nobody knew who they are until this order told it.
            planned.changes.append(leads.closed(("cart", order.cart_id), left, "lead_won", self.facts, job.party))
        return planned

    def _gone_order(self, job: Job, found: Found) -> Plan:
        planned = orders.archive(job.write.id, job, found, self.facts)
        key = ("opportunity", job.write.id)
        if job.place(*key) is not None and planned.error is None:
            planned.add(opportunities.closed(job, key, "lost", found, self.facts))
        return planned

    def _cart(self, job: Job, cart: Cart, found: Found) -> Plan:
        key = ("cart", cart.id)
        there = job.place(*key)
        if cart.is_recovered:
            return self._recovered(job, cart, found)
        deal, _ = self._deal(job)
        if deal is not None:
            return opportunities.plan(job, deal, found, self.facts)
        return leads.cart(cart, job, found, self.facts) if there or cart.buyer.email else Plan()

    def _recovered(self, job: Job, cart: Cart, found: Found) -> Plan:
        """What became an order is won; its opportunity becomes the order's, unless that has one of its own."""
        key = ("cart", cart.id)
        there, deal = job.place(*key), job.place("opportunity", cart.order_id)
        if there is None or key in job.write.gone or there.children == leads.CONVERTED:
            return Plan()
        if there.ref.kind == names.OPPORTUNITY:
            if deal is not None and deal.ref == there.ref:
                return Plan()
            return opportunities.closed(job, key, "lost" if deal else "won", found, self.facts)
        if self.switches.get("opportunities") and deal is None and "convert" not in job.tried:
            return Plan([leads.conversion(there, (key,))])
        return Plan([leads.closed(key, there, "lead_won", self.facts, job.party)])

    def _gone_cart(self, job: Job, found: Found) -> Plan:
        key = ("cart", job.write.id)
        there = job.place(*key)
        if there is None or key in job.write.gone:
            return Plan()
        if there.ref.kind == names.OPPORTUNITY:
            return opportunities.closed(job, key, "lost", found, self.facts)
        return Plan([leads.closed(key, there, "lead_lost", self.facts)])


def unite(jobs: Sequence[Job]) -> None:
    """A guest and a registered customer of one e-mail in one batch are one person: both know what either knows."""
    registered = {
        fold(job.person.email): job
        for job in reversed(jobs)
        if job.person and job.person.email and not job.person.is_guest
    }
    for job in jobs:
        person, record = job.person, job.write.record
        other = registered.get(fold(person.email)) if person is not None and person.is_guest else None
        if other is None or person is None or other.person is None or not isinstance(record, Order | Cart):
            continue
        job.write = replace(job.write, record=replace(record, buyer=replace(person, id=other.person.id)))
        both = {**_personal(job.known), **_personal(other.known)}
        job.known |= both
        other.known |= both


def _personal(known: Mapping[Key, Known]) -> dict[Key, Known]:
    return {key: place for key, place in known.items() if key[0] == "customer"}
