"""What happens in the store and the CRMs, and what breaks meanwhile: made of a seed alone, so that it is repeatable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

GUEST = -1
WORKER_EVERY = 60  # events between two kills of a worker
OTHERS_EVERY = 1000  # events between two blows of each other kind
# From these it takes minutes to recover, which leaves the rest of a storm to the second way: looking through the store.
DROPS_EVERY = 5000
QUIET = 0.05  # of the events at either end: nothing is hit there, so that every blow meets work
REFUNDS_EACH = 2
OPEN_STATUSES = (1, 7, 8, 9, 11)  # pending, awaiting payment, pickup, shipment, fulfilment
CANCELLED = 5
STATUSES = (2, 8, 9, 10, 11, 11, CANCELLED)  # that staff move an order to


class Kind(StrEnum):
    """What people do."""

    REGISTER = "register"
    EDIT_CUSTOMER = "edit a customer"
    PLACE = "place an order"
    EDIT_ORDER = "edit an order"
    MOVE_ORDER = "move an order on"
    REFUND = "refund"
    EDIT_CONTACT = "edit a contact in a CRM"


WEIGHTS = {
    Kind.REGISTER: 8, Kind.EDIT_CUSTOMER: 12, Kind.PLACE: 36, Kind.EDIT_ORDER: 14, Kind.MOVE_ORDER: 16,
    Kind.REFUND: 8, Kind.EDIT_CONTACT: 6,
}  # fmt: skip


class Blow(StrEnum):
    """What is done to the installation."""

    KILL_WORKER = "workers killed"
    KILL_WEB = "web killed"
    KILL_CLOCK = "clock killed"
    KILL_LISTENER = "listener killed"
    FLUSH_REDIS = "Redis flushed"
    KILL_REDIS = "Redis killed"
    RESTART_DATABASE = "database restarted"
    DROP_HOOKS = "webhooks lost and deactivated"


EVERY = {Blow.KILL_WORKER: WORKER_EVERY, Blow.DROP_HOOKS: DROPS_EVERY}


@dataclass(frozen=True)
class Event:
    """One thing that somebody does; orders and customers are numbered as they come."""

    kind: Kind
    customer: int = GUEST
    order: int = 0
    value: int = 0  # what makes it different from others of its kind


@dataclass(frozen=True)
class Plan:
    """All events in their order, and the blows by the number of the event that they follow."""

    seed: int
    events: tuple[Event, ...]
    blows: Mapping[int, tuple[Blow, ...]]


@dataclass
class _World:
    """What there is so far, as far as it decides what may happen next."""

    customers: int = 0
    orders: int = 0
    open: list[int] = field(default_factory=list)  # orders that staff may still edit
    refunds: dict[int, int] = field(default_factory=dict)


def plan(events: int, seed: int) -> Plan:
    """So many events and the blows among them."""
    random = Random(seed)  # noqa: S311 - repeatable, no secret
    world = _World()
    found = tuple(_next(world, random) for _ in range(events))
    return Plan(seed, found, _blows(events, random))


def _next(world: _World, random: Random) -> Event:
    value = random.randrange(1, 1_000_000)
    if world.customers < 3:
        return _register(world, value)
    kind = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    if kind is Kind.REGISTER:
        return _register(world, value)
    if kind in (Kind.EDIT_CUSTOMER, Kind.EDIT_CONTACT):
        return Event(kind, random.randrange(world.customers), value=value)
    if kind is Kind.PLACE or not world.open:
        return _place(world, random, value)
    return _change(world, random, kind, value)


def _register(world: _World, value: int) -> Event:
    world.customers += 1
    return Event(Kind.REGISTER, world.customers - 1, value=value)


def _place(world: _World, random: Random, value: int) -> Event:
    customer = GUEST if random.random() < 0.3 else random.randrange(world.customers)
    world.orders += 1
    world.open.append(world.orders - 1)
    return Event(Kind.PLACE, customer, world.orders - 1, value)


def _change(world: _World, random: Random, kind: Kind, value: int) -> Event:
    """Of an order that is still open, more likely of a late one; who was refunded or cancelled is left alone."""
    recent = world.open[-40:] if random.random() < 0.7 else world.open
    order = random.choice(recent)
    if kind is Kind.REFUND:
        world.refunds[order] = world.refunds.get(order, 0) + 1
        if world.refunds[order] >= REFUNDS_EACH:
            world.open.remove(order)
    elif order in world.refunds:
        return Event(Kind.EDIT_CUSTOMER, random.randrange(world.customers), value=value)
    elif kind is Kind.MOVE_ORDER and STATUSES[value % len(STATUSES)] == CANCELLED:
        world.open.remove(order)
    return Event(kind, order=order, value=value)


def _blows(events: int, random: Random) -> dict[int, tuple[Blow, ...]]:
    first, last = int(events * QUIET), max(int(events * (1 - QUIET)), 1)
    found: dict[int, tuple[Blow, ...]] = {}
    for blow in Blow:
        number, least = events // EVERY.get(blow, OTHERS_EVERY), 0 if blow is Blow.DROP_HOOKS else 1
        for _ in range(max(least, number)):
            after = random.randrange(first, last)
            found[after] = (*found.get(after, ()), blow)
    return found
