"""The tables."""

from app.models.base import Base
from app.models.copies import OrderCopy, Person
from app.models.engine import Attempt, Delivery, InboxEvent, Link, State
from app.models.store import AuthorizationRequest, Connection, ConnectionState, Lease, Store, StoreState, Token, User

__all__ = [
    "Attempt",
    "AuthorizationRequest",
    "Base",
    "Connection",
    "ConnectionState",
    "Delivery",
    "InboxEvent",
    "Lease",
    "Link",
    "OrderCopy",
    "Person",
    "State",
    "Store",
    "StoreState",
    "Token",
    "User",
]
