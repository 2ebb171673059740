"""What is remembered of a person whom the CRM got to know as a guest, and who then registered."""

from __future__ import annotations

import pytest

from app.connectors.base import ADOPTED, Key, Known, Ref
from app.mapping.merge import Agreed
from app.models import Person
from app.sync import links
from tests.unit.sync.conftest import World

PLACE = Ref("Contact", "c1")
GUEST, REGISTERED, OTHER = "guest:jane@shop.example", "7", "8"
OURS = Agreed(is_own=True)


@pytest.fixture
def guest(world: World) -> World:
    """Jane bought as a guest, whose contact and account we made, and registers; so does somebody else."""
    with world.runtime.database.transaction() as session:
        for customer_id, email in ((REGISTERED, "jane@shop.example"), (OTHER, "bo@shop.example")):
            session.add(Person(store_id=world.store_id, customer_id=customer_id, email=email))
        made = {("customer", GUEST): Known(PLACE), ("account", GUEST): Known(Ref("Account", "a1"))}
        links.save(session, world.connection_id, made)
    return world


def agreed(world: World, places: dict[Key, Ref]) -> dict[Key, Agreed]:
    with world.runtime.database.reading() as session:
        return links.agreements(session, world.store_id, world.connection_id, places)


def test_who_registers_is_still_the_guest_whom_we_made(guest: World) -> None:
    account = ("account", REGISTERED)
    places = {("customer", REGISTERED): PLACE, account: Ref("Account", "a1"), ("customer", OTHER): PLACE}
    assert agreed(guest, places) == {("customer", REGISTERED): OURS, account: OURS}


def test_a_guest_elsewhere_tells_nothing(guest: World) -> None:
    assert agreed(guest, {("customer", REGISTERED): Ref("Contact", "c2")}) == {}


def test_who_has_a_link_of_their_own_goes_by_it(guest: World) -> None:
    with guest.runtime.database.transaction() as session:
        own = {("customer", REGISTERED): Known(Ref("Contact", "c2"))}
        links.save(session, guest.connection_id, own, frozenset(own))
    assert agreed(guest, {("customer", REGISTERED): Ref("Contact", "c2")}) == {("customer", REGISTERED): Agreed()}


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("kind", ["customer", "account"])
def test_whoever_takes_over_a_guests_place_takes_over_whose_it_is(world: World, kind: str, is_own: bool) -> None:
    """An order names only the place; that people there had entered the guest is not forgotten over it."""
    with world.runtime.database.transaction() as session:
        made = {(kind, GUEST): Known(PLACE)}
        links.save(session, world.connection_id, made, frozenset() if is_own else frozenset(made))
    with world.runtime.database.transaction() as session:
        links.save(session, world.connection_id, {(kind, REGISTERED): Known(PLACE)})
    found = agreed(world, {(kind, REGISTERED): PLACE, (kind, GUEST): PLACE})
    assert found == {(kind, REGISTERED): Agreed(is_own=is_own)}


def test_an_account_that_several_share_is_taken_over_by_nobody(guest: World) -> None:
    with guest.runtime.database.transaction() as session:
        shared = Known(Ref("Account", "a1"), ADOPTED)
        links.save(session, guest.connection_id, {("account", REGISTERED): shared})
        states = links.states(session, guest.connection_id, [("account", GUEST), ("account", REGISTERED)])
    assert len(states) == 2
