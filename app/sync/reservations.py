"""What a batch works on is reserved: no other batch of the connection works on the same person or record meanwhile.

All or nothing for each record, in one transaction and in one order for everybody: who waits here for another's commit
holds only what sorts before, and what is let go is locked last, in one statement, so nobody waits in a circle. A record
is refused only for the sake of one that was granted to a batch under way; when that batch ends, what waits for it is
due at once and first in line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import singledispatch

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.connectors.base import Key
from app.domain import Cart, Category, Company, Customer, Message, Order, Product
from app.domain.customer import GUEST, fold
from app.log import get_logger
from app.models import Delivery, Reservation, State
from app.runtime import Runtime
from app.sync import deliveries
from app.sync.deliveries import Batch

LENGTH = 400  # characters of a subject
CHUNK = 200  # subjects a statement

log = get_logger()


def own(kind: str, record_id: str) -> str:
    """The subject of a record itself."""
    return f"{kind}:{record_id}".replace("\0", "").encode("utf-8", "replace").decode()[:LENGTH]


def address(email: str) -> Iterator[str]:
    """The subject of an e-mail address: whoever has it may be the same person."""
    if fold(email):
        yield own("email", fold(email))


def person(customer_id: str, email: str = "") -> Iterator[str]:
    """Subjects of somebody of whom we may know no more than that."""
    yield own("customer", customer_id)
    yield from address(email or (customer_id.removeprefix(GUEST) if customer_id.startswith(GUEST) else ""))


def goods(record: object) -> tuple[Key, ...]:
    """Variants and categories that writing a record makes where they are not there yet."""
    match record:
        case Order():
            return tuple(("variant", line.variant_id) for line in record.lines if line.variant_id)
        case Product():
            categories = (("category", one.category_id) for one in record.variants if one.category_id)
            return (*(("variant", one.id) for one in record.variants), *categories)
        case Category():
            return tuple(("category", category_id) for category_id, _ in record.ancestors)
    return ()


@singledispatch
def subjects(record: object, linked: Collection[Key]) -> frozenset[str]:
    """All that writing a record may touch; of the goods in it only what is not `linked`, for the rest is but used."""
    raise TypeError(f"no subjects of {type(record).__name__}")


@subjects.register
def _(record: Customer, linked: Collection[Key]) -> frozenset[str]:
    return frozenset(_buyer(record))


@subjects.register
def _(record: Order, linked: Collection[Key]) -> frozenset[str]:
    cart = [own("cart", record.cart_id)] if record.cart_id else []
    goods = {line.variant_id: line.sku for line in record.lines if line.variant_id}
    new = {variant_id: sku for variant_id, sku in goods.items() if ("variant", variant_id) not in linked}
    skus = (own("sku", fold(sku)) for sku in new.values() if sku)
    return frozenset(
        (own("order", record.id), *cart, *_buyer(record.buyer), *(own("variant", one) for one in new), *skus)
    )


@subjects.register
def _(record: Cart, linked: Collection[Key]) -> frozenset[str]:
    order = [own("order", record.order_id)] if record.order_id else []
    return frozenset((own("cart", record.id), *order, *_buyer(record.buyer)))


@subjects.register
def _(record: Company, linked: Collection[Key]) -> frozenset[str]:
    members = (own("customer", customer_id) for customer_id in record.customer_ids)
    return frozenset((own("company", record.id), *_company_name(record.name), *members))


@subjects.register
def _(record: Product, linked: Collection[Key]) -> frozenset[str]:
    variants = (own("variant", one.id) for one in record.variants)
    new = (one for one in record.variants if one.sku and ("variant", one.id) not in linked)
    skus = (own("sku", fold(one.sku)) for one in new)
    categories = (own(*key) for key in goods(record) if key[0] == "category" and key not in linked)
    return frozenset((own("product", record.id), *variants, *skus, *categories))


@subjects.register
def _(record: Category, linked: Collection[Key]) -> frozenset[str]:
    above = (own(*key) for key in goods(record) if key not in linked)
    return frozenset((own("category", record.id), *above))


@subjects.register
def _(record: Message, linked: Collection[Key]) -> frozenset[str]:
    return frozenset((own("message", record.id),))


class Reserved:
    """What a batch has reserved so far, for each of its records."""

    def __init__(self, runtime: Runtime, batch: Batch) -> None:
        self._runtime, self._batch = runtime, batch
        self._held: dict[str, frozenset[str]] = {}

    def take(self, wanted: Mapping[str, Collection[str]]) -> list[str]:
        """Reserve more for these records: which of them have all that they want. The others step aside at once."""
        full = {record_id: self._held.get(record_id, frozenset()).union(more) for record_id, more in wanted.items()}
        if all(full[record_id] == self._held.get(record_id) for record_id in full):
            return list(wanted)
        everything = {**self._held, **full}
        refused = self._runtime.database.transact(lambda session: self._take(session, everything))
        self._held = {record_id: held for record_id, held in everything.items() if record_id not in refused}
        if refused:
            log.info("aside", batch=self._batch.id, records=len(refused))
        return [record_id for record_id in wanted if record_id not in refused]

    def _take(self, session: Session, everything: Mapping[str, Collection[str]]) -> dict[str, str]:
        refused = take(session, self._batch, everything)
        if refused:
            for delivery in deliveries.mine(session, self._batch):
                if delivery.record_id in refused:
                    deliveries.step_aside(session, delivery, refused[delivery.record_id])
        return refused


def take(session: Session, batch: Batch, wanted: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Reserve subjects for records of a batch, on top of what it has; who was refused, and the batch that has it.

    "" stands for a batch that has ended meanwhile, and for a record whose claim is no longer ours. What a refused
    record has reserved is let go.
    """
    mine = _mine(session, batch)
    everything = sorted(set().union(*(wanted[record_id] for record_id in wanted if record_id in mine)))
    holders = _granted(session, batch, everything)
    refused = dict.fromkeys((record_id for record_id in wanted if record_id not in mine), "")  # for whose sake
    for record_id in mine.intersection(wanted):
        taken = sorted(one for one in wanted[record_id] if holders.get(one, batch.id) != batch.id)
        if taken:
            refused[record_id] = taken[0]
    if refused:
        needed = {one for record_id in wanted if record_id not in refused for one in wanted[record_id]}
        of_refused = {one for record_id in refused for one in wanted[record_id]}
        at_work = _detain(session, batch.connection_id, of_refused - needed | set(refused.values()))
        _let_go(session, batch, of_refused - needed)
        refused = {record_id: at_work.get(subject, "") for record_id, subject in refused.items()}
    return refused


def release(session: Session, connection_id: int, batches: Collection[str]) -> None:
    """Let go of all that batches have reserved; what waits for it is due, before whatever came later."""
    own = Reservation.connection_id == connection_id, Reservation.batch.in_(batches)
    session.execute(select(Reservation.subject).where(*own).order_by(Reservation.subject).with_for_update())
    session.execute(delete(Reservation).where(*own).execution_options(synchronize_session=False))
    session.execute(
        update(Delivery)
        .where(Delivery.batch.in_(batches), Delivery.state == State.WAITING, Delivery.connection_id == connection_id)
        .values(due_at=Delivery.created_at, batch=None)
        .execution_options(synchronize_session=False)
    )


def _buyer(customer: Customer) -> Iterator[str]:
    if customer.id:
        yield from person(customer.id, customer.email)
    if customer.company_id:
        yield own("company", customer.company_id)
    yield from _company_name(customer.company)


def _company_name(name: str) -> Iterator[str]:
    if fold(name):
        yield own("company name", fold(name))


def _mine(session: Session, batch: Batch) -> set[str]:
    """Records whose claim still stands: a flush that was thought dead may come back."""
    return set(
        session.scalars(select(Delivery.record_id).where(Delivery.batch == batch.id, Delivery.state == State.RUNNING))
    )


def _granted(session: Session, batch: Batch, everything: list[str]) -> dict[str, str]:
    """Who has each of them now: this batch, or whoever was faster."""
    holders: dict[str, str] = {}
    while missing := [one for one in everything if one not in holders]:
        _insert(session, batch, missing)  # once more what was let go between our insert and our look at it
        holders.update(_holders(session, batch.connection_id, missing))
    return holders


def _insert(session: Session, batch: Batch, everything: list[str]) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    for part in _chunks(everything):
        rows = [{"connection_id": batch.connection_id, "subject": one, "batch": batch.id} for one in part]
        session.execute(insert(Reservation).values(rows).on_conflict_do_nothing())


def _holders(session: Session, connection_id: int, everything: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in _chunks(everything):
        query = select(Reservation.subject, Reservation.batch).where(
            Reservation.connection_id == connection_id, Reservation.subject.in_(part)
        )
        found.update({row.subject: row.batch for row in session.execute(query)})
    return found


def _detain(session: Session, connection_id: int, subjects: Collection[str]) -> dict[str, str]:
    """Who has each of them; until the end of this transaction nobody lets one go. Who did would not see, and not wake,
    those whom it makes wait."""
    query = select(Reservation.subject, Reservation.batch).where(
        Reservation.connection_id == connection_id, Reservation.subject.in_(subjects)
    )
    rows = session.execute(query.order_by(Reservation.subject).with_for_update())
    return {row.subject: row.batch for row in rows}


def _let_go(session: Session, batch: Batch, unneeded: Iterable[str]) -> None:
    for part in _chunks(sorted(unneeded)):
        session.execute(
            delete(Reservation)
            .where(
                Reservation.connection_id == batch.connection_id,
                Reservation.batch == batch.id,
                Reservation.subject.in_(part),
            )
            .execution_options(synchronize_session=False)
        )


def _chunks(items: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
