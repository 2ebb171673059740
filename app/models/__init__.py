"""The tables."""

from app.models.back import Conflict, ConflictState, Cursor
from app.models.base import Base
from app.models.copies import CartCopy, OrderCopy, Person
from app.models.engine import Attempt, Delivery, InboxEvent, Link, LinkState, State
from app.models.store import (
    AuthorizationRequest,
    Connection,
    ConnectionState,
    Lease,
    PanelGuess,
    PanelLaunch,
    PanelPass,
    Store,
    StoreState,
    Token,
    User,
)

__all__ = [
    "Attempt",
    "AuthorizationRequest",
    "Base",
    "CartCopy",
    "Conflict",
    "ConflictState",
    "Connection",
    "ConnectionState",
    "Cursor",
    "Delivery",
    "InboxEvent",
    "Lease",
    "Link",
    "LinkState",
    "OrderCopy",
    "PanelGuess",
    "PanelLaunch",
    "PanelPass",
    "Person",
    "State",
    "Store",
    "StoreState",
    "Token",
    "User",
]
