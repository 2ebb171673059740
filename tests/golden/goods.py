"""Classes of what is bought, and where it goes."""

from __future__ import annotations

from decimal import Decimal

from tests.golden.classes import hard
from tests.golden.draft import EDITS, Draft
from tests.golden.words import LONG, SCRIPTS

CROWD = 1100


@hard("lines")
def bundle(draft: Draft) -> None:
    """A set at its price with parts that cost nothing, and one part at an extra charge."""
    draft.add(35, 2)
    place = len(draft.products) - 1
    for price in (0, 0, Decimal("4.99")):
        draft.add(price, 2, part_of=place)


@hard("lines")
def digital(draft: Draft) -> None:
    for _ in range(draft.chance.choice((1, 2))):
        draft.add(type="digital")


@hard("lines")
def digital_and_not(draft: Draft) -> None:
    draft.add(type="digital")
    draft.add()


@hard("lines")
def certificate_bought(draft: Draft) -> None:
    draft.add(25, 1, name="Gift certificate", type="giftcertificate")
    draft.add()


@hard("lines", "product", late=True)
def deleted_product(draft: Draft) -> None:
    """It is deleted in the store after the order was placed."""
    draft.products[0]["goods"] = "own"
    draft.products[0].pop("name", None)
    draft.own_product = True
    draft.then(EDITS, "delete_product")
    draft.then(EDITS, "touch")


@hard("lines", "product", late=True)
def deleted_before(draft: Draft) -> None:
    """It is deleted before the order is first looked at."""
    draft.products[0]["goods"] = "own"
    draft.products[0].pop("name", None)
    draft.own_product = True
    draft.body["delete_first"] = True


@hard("lines")
def unknown_sku(draft: Draft) -> None:
    draft.add(name=f"Made to measure {draft.number}", sku=f"NO-SUCH-{draft.number}")
    draft.add(name="Without any", sku="")


@hard("lines")
def duplicated_sku(draft: Draft) -> None:
    """A custom line with the number of a product, and a product twice at two prices."""
    draft.add(name="Looks like another", sku=f"G-{draft.chance.randrange(40):03}")
    draft.add(goods=3)
    draft.add(goods=3)


@hard("lines", "addresses")
def several_addresses(draft: Draft) -> None:
    for place in range(3):
        draft.add(address=place)
    draft.body["shipping_addresses"] = [
        {"first_name": row[0], "last_name": row[1], "street_1": row[2][:100], "city": row[3], "zip": f"X{n} 1AA",
         "country": "United Kingdom", "country_iso2": "GB", "shipping_method": f"Van {n}"}
        for n, row in enumerate(SCRIPTS[:3])
    ]  # fmt: skip


@hard("lines")
def many_pieces(draft: Draft) -> None:
    """Quantities at which rounding a price is felt."""
    draft.add(Decimal("0.37"), 997)
    draft.add(Decimal("1.13"), 144)


@hard("lines")
def long_names(draft: Draft) -> None:
    for row in (LONG[draft.number % len(LONG)], SCRIPTS[draft.number % len(SCRIPTS)]):
        draft.add(name=f"{row[1]} {row[2]}", sku=row[0])


@hard("lines")
def costs_nothing(draft: Draft) -> None:
    draft.add(0, 1)
    draft.add()


@hard("lines", "product", "name", "edit", "refund", is_rare=True)
def crowd_of_lines(draft: Draft) -> None:
    """1,100 lines, some of which go and come later."""
    for _ in range(CROWD):
        draft.add(quantity=draft.chance.choice((1, 2, 3)))
    draft.then(EDITS, "edit_line", position=500, quantity=9)
    draft.then(EDITS, "remove_line", position=700)
