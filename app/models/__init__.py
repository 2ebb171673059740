"""The tables."""

from app.models.back import Conflict, ConflictState, Cursor
from app.models.base import Base
from app.models.budget import Allowance, Usage
from app.models.copies import CartCopy, OrderCopy, Person
from app.models.engine import Attempt, Delivery, InboxEvent, Link, LinkState, Reservation, State
from app.models.history import UNFINISHED, Backfill, BackfillState
from app.models.mending import Correction
from app.models.money import Comparison, ComparisonState, DayTotal, Difference, DifferenceKind
from app.models.privacy import PrivacyAction, PrivacyRequest, UninstallReceipt
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
    "UNFINISHED",
    "Allowance",
    "Attempt",
    "AuthorizationRequest",
    "Backfill",
    "BackfillState",
    "Base",
    "CartCopy",
    "Comparison",
    "ComparisonState",
    "Conflict",
    "ConflictState",
    "Connection",
    "ConnectionState",
    "Correction",
    "Cursor",
    "DayTotal",
    "Delivery",
    "Difference",
    "DifferenceKind",
    "InboxEvent",
    "Lease",
    "Link",
    "LinkState",
    "OrderCopy",
    "PanelGuess",
    "PanelLaunch",
    "PanelPass",
    "Person",
    "PrivacyAction",
    "PrivacyRequest",
    "Reservation",
    "State",
    "Store",
    "StoreState",
    "Token",
    "UninstallReceipt",
    "Usage",
    "User",
]
