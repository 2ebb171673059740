"""Who uses us: stores, their people, the vendor accounts they connected and the tokens for these."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import now
from app.models.base import Base


class StoreState(StrEnum):
    ACTIVE = "active"
    UNINSTALLED = "uninstalled"


def _salt() -> str:
    return secrets.token_hex(32)


class Store(Base):
    """An installed shop, known for ever by its hash."""

    __tablename__ = "stores"

    id: Mapped[int] = mapped_column(primary_key=True)
    store_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(20), default=StoreState.ACTIVE)
    name: Mapped[str] = mapped_column(String(255), default="")
    currency: Mapped[str] = mapped_column(String(3), default="")
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    control_panel_url: Mapped[str] = mapped_column(String(255), default="")
    scope: Mapped[str] = mapped_column(String(2000), default="")
    owner_id: Mapped[str] = mapped_column(String(32), default="")
    hooks_checked_at: Mapped[datetime | None] = mapped_column()
    salt: Mapped[str] = mapped_column(String(64), default=_salt)  # of fingerprints of people, and of the receipt's code
    hooks_problem: Mapped[str] = mapped_column(String(500), default="")
    installed_at: Mapped[datetime] = mapped_column(default=now)
    uninstalled_at: Mapped[datetime | None] = mapped_column()

    users: Mapped[list[User]] = relationship(back_populates="store", cascade="all, delete-orphan")
    connections: Mapped[list[Connection]] = relationship(back_populates="store", cascade="all, delete-orphan")


class User(Base):
    """A person of one store's staff; the same person in another store is another row."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("store_id", "bigcommerce_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    bigcommerce_id: Mapped[str] = mapped_column(String(32))
    email: Mapped[str] = mapped_column(String(255), default="")
    locale: Mapped[str] = mapped_column(String(20), default="")
    is_owner: Mapped[bool] = mapped_column(default=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    last_seen_at: Mapped[datetime | None] = mapped_column()

    store: Mapped[Store] = relationship(back_populates="users")


class ConnectionState(StrEnum):
    SETUP = "setup"  # authorised; deliveries are collected, none is sent yet
    LIVE = "live"
    PAUSED = "paused"  # by the merchant; goes on collecting
    REAUTHORIZE = "reauthorize"  # the vendor no longer takes our token; goes on collecting
    DISCONNECTED = "disconnected"


COLLECTING = (ConnectionState.SETUP, ConnectionState.LIVE, ConnectionState.PAUSED, ConnectionState.REAUTHORIZE)


class Connection(Base):
    """A store's authorised account at one vendor, BigCommerce itself included."""

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("store_id", "vendor", "environment"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    vendor: Mapped[str] = mapped_column(String(32))
    environment: Mapped[str] = mapped_column(String(16), default="production")
    state: Mapped[str] = mapped_column(String(20), default=ConnectionState.SETUP)
    account_id: Mapped[str] = mapped_column(String(64), default="", index=True)
    account_name: Mapped[str] = mapped_column(String(255), default="")
    instance_url: Mapped[str] = mapped_column(String(255), default="")
    switches: Mapped[dict[str, Any]] = mapped_column(default=dict)  # option name -> bool; absent: the default
    rules: Mapped[dict[str, Any]] = mapped_column(default=dict)  # kind -> field or "*" -> who wins; absent: the default
    owners: Mapped[list[Any]] = mapped_column(default=list)  # who owns what is made there: rules, the first that fits
    turns: Mapped[dict[str, Any]] = mapped_column(default=dict)  # rule -> how often it has chosen, for round robin
    channels: Mapped[list[Any]] = mapped_column(default=list)  # storefronts whose orders and carts go there; []: all
    hook_hash: Mapped[str | None] = mapped_column(String(64), index=True, unique=True)  # of hook_key
    hook_key: Mapped[bytes | None] = mapped_column(LargeBinary)  # the secret part of our address for its hooks, sealed
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the connector found when it prepared
    missing: Mapped[list[Any]] = mapped_column(default=list)  # what the account lacks, in words
    advice: Mapped[list[Any]] = mapped_column(default=list)  # what would make more possible there, in words
    problem: Mapped[str] = mapped_column(String(1000), default="")
    hold_until: Mapped[datetime | None] = mapped_column()  # the vendor asked us to wait
    failures: Mapped[int] = mapped_column(default=0)  # calls in a row that found nobody home
    failing_since: Mapped[datetime | None] = mapped_column()  # the vendor is away, or asked us to wait
    pace: Mapped[int | None] = mapped_column()  # records in a batch after an outage; None: as many as go
    prepared_at: Mapped[datetime | None] = mapped_column()
    connected_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    store: Mapped[Store] = relationship(back_populates="connections")
    token: Mapped[Token | None] = relationship(back_populates="connection", cascade="all, delete-orphan")


class Token(Base):
    """What opens a connection's account; sealed by app.vault for this row."""

    __tablename__ = "tokens"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    access_token: Mapped[bytes] = mapped_column(LargeBinary)
    refresh_token: Mapped[bytes | None] = mapped_column(LargeBinary)
    scope: Mapped[str] = mapped_column(String(2000), default="")
    refreshed_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None] = mapped_column()

    connection: Mapped[Connection] = relationship(back_populates="token")


class AuthorizationRequest(Base):
    """A connect flow under way: what its callback must bring back."""

    __tablename__ = "authorization_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    vendor: Mapped[str] = mapped_column(String(32))
    environment: Mapped[str] = mapped_column(String(16), default="production")
    ticket_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    verifier: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed
    expires_at: Mapped[datetime] = mapped_column()


class Lease(Base):
    """Who does what only one may do at a time, and until when: a flush, a token refresh, a periodic duty."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column()


class PanelPass(Base):
    """A person of a CRM that signs nothing: a one-time code from their administrator, then a device of theirs."""

    __tablename__ = "panel_passes"

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(String(64))  # the CRM's id of the person
    user_name: Mapped[str] = mapped_column(String(255), default="")
    code_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # until it is used
    device_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column()  # of the code, then of the device
    seen_at: Mapped[datetime | None] = mapped_column()


class PanelGuess(Base):
    """How often a code for a connection's panel was wrong of late: so that nobody finds one by trying."""

    __tablename__ = "panel_guesses"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    since: Mapped[datetime] = mapped_column(default=now)
    wrong: Mapped[int] = mapped_column(default=0)


class PanelLaunch(Base):
    """An opening of a panel that a CRM's server asked for and its browser has yet to make: once, and soon."""

    __tablename__ = "panel_launches"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(String(64))  # the CRM's
    opening: Mapped[dict[str, Any]] = mapped_column()  # what the panel is about, and for which language
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None] = mapped_column()
