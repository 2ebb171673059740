"""A budget of API calls per connection, shared by all workers: who may call now, and who waits until when."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum

from app.connectors.access import Reading
from app.runtime import Runtime
from app.sync import deliveries


class Lane(IntEnum):
    """How urgent a call is; when calls run short, the later ones go without first."""

    ORDERS = 0
    CUSTOMERS = 1
    PRODUCTS = 2
    HISTORY = 3


def lane(priority: int) -> Lane:
    """The lane of a delivery of this priority."""
    if priority >= deliveries.HISTORY:
        return Lane.HISTORY
    if priority <= deliveries.PRIORITIES["order"]:
        return Lane.ORDERS
    return Lane.CUSTOMERS if priority <= deliveries.PRIORITIES["customer"] else Lane.PRODUCTS


class Budget:
    """The gate of one connection, opened for one flush, poll or other job; `lane` is what its calls are for."""

    def __init__(self, runtime: Runtime, connection_id: int, lane: Lane = Lane.ORDERS) -> None:
        self._runtime, self._connection_id = runtime, connection_id
        self.lane = lane

    def enter(self) -> None:
        """Before each call. Raises Retryable (code BUDGET) with the time at which calls of this lane are free again."""

    def told(self, reading: Reading) -> None:
        """After an answer that said something of the limits."""

    def shut(self) -> dict[Lane, datetime]:
        """The lanes that may not call now, and until when."""
        return {}
