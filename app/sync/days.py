"""Days as a store counts them, by its own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.models import Store


def zone_of(store: Store) -> ZoneInfo:
    """The store's time zone; UTC for one that nobody knows."""
    try:
        return ZoneInfo(store.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # BigCommerce has had zones without an IANA name; "America"
        return ZoneInfo("UTC")


def today(store: Store, at: datetime) -> date:
    """The store's day at a moment."""
    return at.astimezone(zone_of(store)).date()


def moment(store: Store, day: date, at: time) -> datetime:
    """When it is this time of a day in the store, in UTC."""
    return datetime.combine(day, at, zone_of(store)).astimezone(UTC)
