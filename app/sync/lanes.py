"""How urgent calls are: whose go on when calls run short."""

from __future__ import annotations

from enum import IntEnum

from app.sync import deliveries


class Lane(IntEnum):
    """How urgent a call is; when calls run short, the later ones go without first."""

    ORDERS = 0
    CUSTOMERS = 1
    PRODUCTS = 2
    HISTORY = 3


# The last priority of each lane; the next lane begins behind it.
LAST = {
    Lane.ORDERS: deliveries.PRIORITIES["order"],
    Lane.CUSTOMERS: deliveries.PRIORITIES["customer"],
    Lane.PRODUCTS: deliveries.HISTORY - 1,
}


def lane(priority: int) -> Lane:
    """The lane of a delivery of this priority."""
    return next((one for one, last in LAST.items() if priority <= last), Lane.HISTORY)


def priorities(lane: Lane) -> tuple[int, int | None]:
    """The first and the last priority of a lane."""
    before = LAST[Lane(lane - 1)] if lane else -1
    return before + 1, LAST.get(lane)
