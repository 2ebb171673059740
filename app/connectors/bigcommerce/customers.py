"""Customers of one store, with their addresses and the names of their groups."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from app.connectors.base import Payload
from app.connectors.bigcommerce import readers
from app.connectors.bigcommerce.client import PAGE, Client
from app.connectors.bigcommerce.names import Names
from app.connectors.bigcommerce.readers import Fetched
from app.connectors.bigcommerce.windows import lists
from app.domain import Customer

CUSTOMERS = "/v3/customers"


class Customers:
    """The registered customers of one store."""

    def __init__(self, client: Client, names: Names) -> None:
        self._client = client
        self._names = names

    def fetch(self, ids: Sequence[int]) -> dict[str, Fetched]:
        """Customers by their id."""
        found: dict[str, Fetched] = {str(number): None for number in ids}
        for part in lists(ids, most=PAGE):
            for row in self._client.rows_v3(CUSTOMERS, {"id:in": part, "include": "addresses"}):
                found[str(row["id"])] = readers.readable(partial(self._read, row))
        return found

    def _read(self, row: Payload) -> Customer:
        return readers.customer(row, self._names.group(readers.record_id(row.get("customer_group_id"))))
