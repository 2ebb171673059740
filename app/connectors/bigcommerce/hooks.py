"""A store's webhook subscriptions: those of our app alone, as BigCommerce lists no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.connectors.bigcommerce.client import Client


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
        """Subscribe. Raises Rejected also where exactly this subscription exists."""
        self._client.post("/v3/hooks", _body(scope, destination))

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
