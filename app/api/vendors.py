"""What can be connected, what is being connected, and what an account's sign-in asks for."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.connectors.registry import VENDORS, Vendor
from app.db import now
from app.models import AuthorizationRequest, Connection, ConnectionState, Delivery, State

ADDRESS = "url"  # the form field that says where an account is


def form_of(vendor: Vendor, instance_url: str = "") -> list[dict[str, Any]]:
    """The inputs of a vendor's sign-in; an account that was connected before is asked for at its address."""
    return [
        {**vars(item), **({"default": instance_url} if item.name == ADDRESS and instance_url else {})}
        for item in vendor.form
    ]


def available(session: Session, store_id: int, taken: Collection[str]) -> list[dict[str, Any]]:
    """The vendors that the store has no account at, with what was there before somebody disconnected it."""
    formers = {
        connection.vendor: connection
        for connection in session.scalars(
            select(Connection)
            .where(Connection.store_id == store_id, Connection.state == ConnectionState.DISCONNECTED)
            .order_by(Connection.connected_at, Connection.id)
        )
    }
    return [
        _offered(session, vendor, formers.get(vendor.name)) for vendor in VENDORS.values() if vendor.name not in taken
    ]


def connecting(session: Session, store_id: int) -> list[dict[str, Any]]:
    """Flows of the store's people that have neither come back nor run out."""
    return [
        {"id": request.id, "vendor": request.vendor}
        for request in session.scalars(
            select(AuthorizationRequest)
            .where(AuthorizationRequest.store_id == store_id, AuthorizationRequest.expires_at > now())
            .order_by(AuthorizationRequest.id)
        )
    ]


def _offered(session: Session, vendor: Vendor, former: Connection | None) -> dict[str, Any]:
    offer = {"vendor": vendor.name, "label": vendor.label}
    if former is None:
        return {**offer, "form": form_of(vendor), "former": None}
    waiting = session.scalar(
        select(func.count())
        .select_from(Delivery)
        .where(Delivery.connection_id == former.id, Delivery.state == State.WAITING)
    )
    known = {"account_name": former.account_name, "environment": former.environment, "waiting": waiting or 0}
    return {**offer, "form": form_of(vendor, former.instance_url), "former": known}
