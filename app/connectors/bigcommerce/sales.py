"""A store's own orders with what they come to: the truth that CRMs are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from app.connectors.bigcommerce import readers
from app.connectors.bigcommerce.client import PAGE, Client
from app.connectors.bigcommerce.listing import BLUR
from app.connectors.bigcommerce.orders import Orders
from app.connectors.bigcommerce.readers import Parts
from app.connectors.lists import Sale
from app.domain import Order
from app.domain.order import Stage


def between(client: Client, orders: Orders, since: datetime, until: datetime) -> Iterator[Sale]:
    """Every order that was placed in a range and is one now: neither deleted, nor a checkout that was never ended.

    Two calls for 250 orders. They are walked by id, which never changes, so that none is passed over meanwhile.
    """
    bounds = {"min_date_created": (since - BLUR).isoformat(), "max_date_created": (until + BLUR).isoformat()}
    last, is_full = 0, True
    while is_full:
        rows = client.list_v2("/v2/orders", {**bounds, "min_id": last + 1, "sort": "id:asc", "limit": PAGE})
        last = max((int(row["id"]) for row in rows), default=last)
        is_full = len(rows) == PAGE
        refunds = orders.refunds([int(row["id"]) for row in rows])
        for row in rows:
            order = readers.readable(partial(readers.order, row, (), Parts(refunds.get(int(row["id"]), ()))))
            # One that cannot be read has a dead delivery that says so.
            if isinstance(order, Order) and since <= order.placed_at < until and _is_sale(order):
                yield Sale(
                    order.id, order.currency, order.counted, order.placed_at,
                    channel_id=order.channel_id, modified_at=order.modified_at,
                )  # fmt: skip


def _is_sale(order: Order) -> bool:
    return not order.is_deleted and order.stage is not Stage.INCOMPLETE
