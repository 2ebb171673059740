"""What is lost and what is doubled is seen and told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from app.chaos.checking import Expected, Verdict, compare
from app.chaos.crms import Person, Sale
from app.chaos.report import Figures, Recovery

SALES = (Sale("100", Decimal("12.50"), "Shipped"), Sale("101", None, "Cancelled"))
PEOPLE = (Person("Ada@shop.example", "Ada", "Byron", "+44 20 1"), Person("bo@shop.example", "Bo", "Li", ""))
GUEST = Person("guest@mail.example", "Guy", "Guest", "")


@dataclass
class Crm:
    """What one holds."""

    held: tuple[Sale, ...] = SALES
    contacts: tuple[Person, ...] = (*PEOPLE, GUEST)

    def sales(self) -> list[Sale]:
        return list(self.held)

    def people(self) -> list[Person]:
        return list(self.contacts)

    def call(self, email: str, phone: str) -> bool:
        return False


def verdict(crm: Crm) -> Verdict:
    return compare(Expected(SALES, PEOPLE), crm)


def test_what_agrees_is_clean_whatever_the_form_of_a_number() -> None:
    told_otherwise = replace(PEOPLE[0], email="ada@SHOP.example", phone="44-20-1")
    assert verdict(Crm()).is_clean
    assert verdict(Crm(contacts=(told_otherwise, PEOPLE[1]))).is_clean


@pytest.mark.parametrize(
    ("crm", "words"),
    [
        (Crm(held=SALES[1:]), "order 100 is not there"),
        (Crm(held=(replace(SALES[0], net=Decimal("12.49")), SALES[1])), "order 100 is Shipped (12.49) there"),
        (Crm(held=(SALES[0], replace(SALES[1], net=Decimal(3)))), "order 101 is Cancelled (3.00) there"),
        (Crm(held=(replace(SALES[0], status="Pending"), SALES[1])), "order 100 is Pending"),
        (Crm(contacts=PEOPLE[1:]), "Ada@shop.example is not there"),
        (Crm(contacts=(replace(PEOPLE[0], last_name="King"), PEOPLE[1])), "Ada@shop.example is"),
        (Crm(contacts=(replace(PEOPLE[0], phone="+44 20 2"), PEOPLE[1])), "Ada@shop.example is"),
    ],
)
def test_one_lost_is_seen(crm: Crm, words: str) -> None:
    found = verdict(crm)
    assert len(found.lost) == 1
    assert found.lost[0].startswith(words)
    assert not found.doubled


@pytest.mark.parametrize(
    ("crm", "words"),
    [
        (Crm(held=(*SALES, SALES[0])), "order 100 is there 2 times"),
        (Crm(contacts=(*PEOPLE, GUEST, GUEST, GUEST)), "guest@mail.example is there 3 times"),
        (Crm(contacts=(*PEOPLE, replace(PEOPLE[0], email="ADA@shop.example"))), "ada@shop.example is there 2 times"),
    ],
)
def test_one_doubled_is_seen(crm: Crm, words: str) -> None:
    assert verdict(crm) == Verdict((), (words,))


def figures(**more: object) -> Figures:
    good = Figures(
        seed=1, database="SQLite", events=10, orders=4, customers=3, skipped=0, sent=20, refused=2,
        blows={"workers killed": 2}, restarts=2, faults={"salesforce": {"500": 3}}, calls=30, storm_seconds=9.0,
        rest_seconds=4.0, verdicts={"salesforce": Verdict((), ())},
        recoveries={"salesforce": Recovery(deliveries=20, failed=100, recovered=99, dead=0)},
    )  # fmt: skip
    return replace(good, **more)  # type: ignore[arg-type]  # of the test's own choosing


def test_only_a_good_run_passes() -> None:
    lost, doubled = Verdict(("order 100 is not there",), ()), Verdict((), ("order 100 is there 2 times",))
    assert figures().is_good
    assert "passed" in str(figures())
    assert figures().to_json()["recovered_percent"] == 99.0
    for bad in (
        figures(rest_seconds=None),
        figures(verdicts={"salesforce": lost}),
        figures(verdicts={"salesforce": doubled}),
        figures(recoveries={"salesforce": Recovery(deliveries=20, failed=100, recovered=98, dead=2)}),
    ):
        assert not bad.is_good
        assert "FAILED" in str(bad)
