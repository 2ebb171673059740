"""The stored records by name, as the API would show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from . import catalog_v3, customers_v3, hooks, inventory_v3, order_view, refunds
from .b2b import addresses, companies, users
from .seed import seed
from .state import State, as_list


class Tables:
    """What the control kit reads and resets."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._readers: Mapping[str, Callable[[], Sequence[Mapping[str, Any]]]] = {
            "orders": self._orders,
            "order_products": lambda: [
                order_view.line(line) for order in state.orders.values() for line in order.lines
            ],
            "shipments": lambda: [row for order in state.orders.values() for row in order.shipments],
            "transactions": lambda: [row for order in state.orders.values() for row in order.transactions],
            "messages": lambda: [row for order in state.orders.values() for row in order.messages],
            "refunds": lambda: [refunds.show(refund) for refund in state.refunds.values()],
            "customers": lambda: [customers_v3.show(state, row, {"addresses"}) for row in state.customers.values()],
            "addresses": lambda: as_list(state.addresses),
            "attributes": lambda: as_list(state.attributes),
            "attribute_values": lambda: as_list(state.attribute_values),
            "customer_groups": lambda: as_list(state.customer_groups),
            "products": lambda: [catalog_v3.show(state, row, {"variants"}) for row in state.products.values()],
            "variants": lambda: as_list(state.variants),
            "categories": lambda: as_list(state.categories),
            "price_lists": lambda: as_list(state.price_lists),
            "price_records": lambda: [row for table in state.price_records.values() for row in table.values()],
            "price_assignments": lambda: as_list(state.price_assignments),
            "trees": lambda: as_list(state.trees),
            "inventory": lambda: inventory_v3.table(state),
            "metafields": lambda: as_list(state.metafields),
            "carts": lambda: list(state.carts.values()),
            "abandoned_carts": lambda: [{"token": token, "cart_id": one} for token, one in state.abandoned.items()],
            "companies": lambda: [companies.show(state, row) for row in state.companies.values()],
            "company_users": lambda: [users.show(state, row) for row in state.company_users.values()],
            "company_addresses": lambda: [addresses.show(row) for row in state.company_addresses.values()],
            "hooks": lambda: [{**hooks.show(hook), "status": hook.status} for hook in state.hooks.values()],
            "currencies": lambda: as_list(state.currencies),
            "channels": lambda: as_list(state.channels),
            "users": lambda: [asdict(user) for user in state.users.values()],
            "app_extensions": lambda: as_list(state.extensions),
        }

    def records(self, name: str) -> Sequence[Mapping[str, Any]] | None:
        """All records of one object; None: there is no such object."""
        reader = self._readers.get(name)
        if reader is None:
            return None
        with self._state.lock:
            return reader()

    def reset(self) -> None:
        """Back to the seed; seeding fires no events, nobody is subscribed yet."""
        with self._state.lock:
            self._state.clear()
            seed(self._state)

    def _orders(self) -> Sequence[Mapping[str, Any]]:
        # Wide, so that whoever compares needs no second call.
        include = frozenset({"consignments.line_items", "fees"})
        return [order_view.order(self._state, order, include, "object") for order in self._state.orders.values()]
