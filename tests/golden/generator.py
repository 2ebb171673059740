"""The golden set: orders of every class that hurts, each crossed with some others by chance, the same for one seed."""

from __future__ import annotations

import random
from collections import Counter

from tests.golden import after, goods, money, people
from tests.golden.classes import CLASSES, Class
from tests.golden.draft import Draft, Person, Plan
from tests.golden.words import ORDINARY

LEAST = 20  # orders of each class
RARE = 4  # orders of a class that is heavy
ORDERS = 1000  # at least

PARTS = (people, money, goods, after)  # their classes are written down in this order, and apply in it


def generate(seed: int, least: int = ORDERS, each: int = LEAST, rare: int = RARE) -> list[Plan]:
    """At least so many orders, at least so many of each class, alone or crossed with others."""
    assert {part.__name__ for part in PARTS} == {one.module for one in CLASSES}
    chance = random.Random(seed)
    common = [one for one in CLASSES if not one.is_rare]
    firsts = [one for one in CLASSES if one.is_rare] * rare
    firsts += [one for _ in range((least - len(firsts)) // len(common)) for one in common]
    firsts += chance.sample(common, max(least - len(firsts), 0))
    chance.shuffle(firsts)
    plans: list[Plan] = []
    met: Counter[str] = Counter()
    while firsts:
        plans += [_plan(n, first, random.Random(f"{seed}-{n}")) for n, first in enumerate(firsts, len(plans))]
        met = Counter(name for plan in plans for name in plan.classes)
        firsts = [one for one in common for _ in range(each - met[one.name])]
    return plans


def _plan(number: int, first: Class, chance: random.Random) -> Plan:
    chosen = _crossed(first, chance)
    name = chance.choice(ORDINARY)
    person = Person(name[0], f"{name[1]} {number}", f"Buyer.{number}@Mail.example", street=name[2], city=name[3])
    draft = Draft(number, chance, person)
    for one in sorted(chosen, key=CLASSES.index):
        one.write(draft)
    if not draft.products:
        for _ in range(chance.choice((1, 2, 3, 5))):
            draft.add()
    for one in sorted(chosen, key=CLASSES.index):
        if one.finish is not None:
            one.finish(draft)
    draft.body.setdefault("status_id", 11)
    body = {
        **draft.body,
        "default_currency_code": draft.currency,
        "is_tax_inclusive_pricing": draft.is_inclusive,
        "products": draft.products,
    }
    events = tuple(event for _, event in sorted(draft.steps, key=lambda step: step[0]))
    return Plan(number, tuple(one.name for one in chosen), person, body, draft.own_product, events)


def _crossed(first: Class, chance: random.Random) -> list[Class]:
    """A class with up to three others that leave each other room."""
    chosen = [first]
    for other in chance.sample(CLASSES, 12):
        taken = {slot for one in chosen for slot in one.slots}
        if len(chosen) < 4 and not other.is_rare and not taken & set(other.slots):
            chosen.append(other)
    return chosen
