"""Who may open the panel in a CRM that signs nothing: a code from the administrator, then a secret of the device."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, contains_eager

from app.db import insert_new, now
from app.errors import NotFound, Retryable, Untrusted
from app.models import Connection, PanelGuess, PanelPass, Store, StoreState
from app.models.store import COLLECTING
from app.runtime import Runtime

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without what reads alike
GROUPS, GROUP = 3, 4  # ABCD-EFGH-JKMN: 58 bits
CODE_LIFE = timedelta(hours=24)
DEVICE_LIFE = timedelta(days=90)
WINDOW, MOST_WRONG = timedelta(minutes=15), 20  # wrong codes for one connection
WRONG = "This code is not valid, was used already, or is older than a day. Ask your administrator for a new one."
ENDED = "This device may not open the panel any more. Ask your administrator for a new code."


@dataclass(frozen=True)
class Code:
    """A new code, shown this once."""

    pass_id: int
    code: str
    expires_at: datetime


def tenant_of(connection: Connection) -> str:
    """The connection's name in addresses that a CRM keeps: no secret, and no proof of anything."""
    return f"{connection.store.store_hash}.{connection.id}"


def connection_of(session: Session, tenant: str, vendor: str) -> Connection | None:
    """The live connection that `tenant_of` named, its store loaded with it."""
    store_hash, _, number = tenant.rpartition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return session.scalar(
        select(Connection)
        .join(Connection.store)
        .options(contains_eager(Connection.store))
        .where(
            Connection.id == int(number),
            Connection.vendor == vendor,
            Connection.state.in_(COLLECTING),
            Store.store_hash == store_hash,
            Store.state == StoreState.ACTIVE,
        )
    )


def invite(runtime: Runtime, connection_id: int, user_id: str, user_name: str) -> Code:
    """A code for a person of the CRM; an earlier one of theirs that nobody used dies."""
    code = "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))
    with runtime.database.transaction() as session:
        session.execute(
            delete(PanelPass).where(
                PanelPass.connection_id == connection_id,
                (PanelPass.expires_at < now()) | ((PanelPass.user_id == user_id) & PanelPass.device_hash.is_(None)),
            )
        )
        row = PanelPass(
            connection_id=connection_id,
            user_id=user_id,
            user_name=user_name,
            code_hash=_code_hash(runtime, connection_id, code),
            expires_at=now() + CODE_LIFE,
        )
        session.add(row)
        session.flush()
        return Code(row.id, code, row.expires_at)


def listed(session: Session, connection_id: int) -> list[PanelPass]:
    """The passes that are good, the newest first."""
    query = select(PanelPass).where(PanelPass.connection_id == connection_id, PanelPass.expires_at > now())
    return list(session.scalars(query.order_by(PanelPass.made_at.desc(), PanelPass.id.desc())))


def revoke(runtime: Runtime, connection_id: int, pass_id: int) -> None:
    """End a pass at once. Raises NotFound."""
    with runtime.database.transaction() as session:
        row = session.get(PanelPass, pass_id)
        if row is None or row.connection_id != connection_id:
            raise NotFound("There is no such pass.")
        session.delete(row)


def pair(runtime: Runtime, connection_id: int, code: str) -> str:
    """A device's secret for a code, which is used up. Raises Untrusted, or Retryable after too many wrong ones."""
    device = secrets.token_urlsafe(32)
    with runtime.database.transaction() as session:
        _check_guesses(session, connection_id)
        taken = session.execute(
            update(PanelPass)
            .where(
                PanelPass.connection_id == connection_id,
                PanelPass.code_hash == _code_hash(runtime, connection_id, code),
                PanelPass.expires_at > now(),
            )
            .values(code_hash=None, device_hash=_hash(device), expires_at=now() + DEVICE_LIFE, seen_at=now())
        ).rowcount  # type: ignore[attr-defined]  # a CursorResult
        if not taken:
            _count_guess(session, connection_id)
    if not taken:
        raise Untrusted(WRONG, code="CODE")
    return device


def holder(session: Session, connection_id: int, device: str) -> PanelPass:
    """Whose device this is. Raises Untrusted if its pass was revoked or is over."""
    row = session.scalar(
        select(PanelPass).where(
            PanelPass.connection_id == connection_id,
            PanelPass.device_hash == _hash(device),
            PanelPass.expires_at > now(),
        )
    )
    if row is None:
        raise Untrusted(ENDED, code="DEVICE")
    return row


def _check_guesses(session: Session, connection_id: int) -> None:
    guesses = session.get(PanelGuess, connection_id)
    if guesses is not None and guesses.wrong >= MOST_WRONG and now() < guesses.since + WINDOW:
        raise Retryable(
            "Too many wrong codes were entered. Try again in a quarter of an hour.",
            code="GUESSES",
            retry_after=guesses.since + WINDOW,
        )


def _count_guess(session: Session, connection_id: int) -> None:
    first = {"connection_id": connection_id, "since": now(), "wrong": 1}
    if insert_new(session, PanelGuess, first):
        return
    guesses = session.get_one(PanelGuess, connection_id, with_for_update=True)
    if now() >= guesses.since + WINDOW:
        guesses.since, guesses.wrong = now(), 1
    else:
        guesses.wrong += 1


def _code_hash(runtime: Runtime, connection_id: int, code: str) -> str:
    """Keyed, for a code is short enough to be found from a mere hash of it; however it was typed."""
    plain = "".join(character for character in code.upper() if character.isalnum())
    text = f"pass:{connection_id}:{plain}".encode()
    return hmac.new(runtime.settings.session_secret.encode(), text, hashlib.sha256).hexdigest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
