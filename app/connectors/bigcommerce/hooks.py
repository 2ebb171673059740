"""A store's webhook subscriptions: those of our app alone, as BigCommerce lists no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.connectors.bigcommerce.client import Client
from app.errors import Rejected
from app.log import get_logger

EDITION = "store/company/"  # scopes that only stores with the B2B Edition have
DUPLICATE = 409

log = get_logger()


@dataclass(frozen=True)
class Hook:
    """One subscription."""

    id: int
    scope: str
    destination: str
    is_active: bool


class Hooks:
    """Lists, creates, changes and deletes subscriptions."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[Hook]:
        """Every subscription of our app in this store."""
        return [_hook(row) for row in self._client.rows_v3("/v3/hooks", {})]

    def create(self, scope: str, destination: str) -> None:
        """Subscribe. Raises Rejected also where exactly this subscription exists.

        A store without the B2B Edition may be refused the edition's scopes, which is no trouble: nothing happens there.
        """
        try:
            self._client.post("/v3/hooks", _body(scope, destination))
        except Rejected as error:
            if not scope.startswith(EDITION) or error.status == DUPLICATE:
                raise
            log.info("hook passed over", scope=scope, code=error.code)

    def update(self, hook_id: int, scope: str, destination: str) -> None:
        """Make a subscription what it should be, and active."""
        self._client.put(f"/v3/hooks/{hook_id}", _body(scope, destination))

    def delete(self, hook_id: int) -> None:
        """End a subscription."""
        self._client.delete(f"/v3/hooks/{hook_id}")


def _body(scope: str, destination: str) -> dict[str, Any]:
    return {"scope": scope, "destination": destination, "is_active": True}


def _hook(row: dict[str, Any]) -> Hook:
    return Hook(row["id"], row["scope"], row["destination"], bool(row.get("is_active")))
