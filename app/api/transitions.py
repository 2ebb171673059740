"""What the merchant may change on a connection, and when: switches, going live, pausing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.connectors.registry import VENDORS
from app.models import Connection, ConnectionState
from app.sync import pairs, regained

CONFLICT, INVALID = 409, 422  # HTTP statuses


class Refused(Exception):
    """A change that cannot be made now, or at all; `message` says why and what to do first."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def apply_switches(session: Session, connection: Connection, wanted: Mapping[str, bool]) -> None:
    """Set switches of the connection's vendor; what people of the CRM changed and what may come back only now is asked
    for. Raises Refused for a name that the vendor does not have."""
    known = {option.name for option in VENDORS[connection.vendor].options}
    unknown = sorted(set(wanted) - known)
    if unknown:
        raise Refused(INVALID, f"There is no switch “{unknown[0]}”; there are: {', '.join(sorted(known))}.")
    before = pairs.terms_of(connection)
    if wanted:
        connection.switches = {**connection.switches, **wanted}  # a new object, so that the change is seen
        regained.ask(session, connection, before)


def change_state(connection: Connection, wanted: str | None) -> None:
    """Go live, pause or resume. Raises Refused, with what has to be done first."""
    if wanted is None or wanted == connection.state:
        return
    if connection.state == ConnectionState.REAUTHORIZE:
        raise Refused(CONFLICT, "The account no longer accepts Storeline. Press “Reconnect” first.")
    if wanted == ConnectionState.LIVE:
        _ensure_ready(connection)
    if wanted == ConnectionState.PAUSED and connection.state != ConnectionState.LIVE:
        raise Refused(CONFLICT, "Only a live connection can be paused.")
    connection.state = ConnectionState(wanted)


def _ensure_ready(connection: Connection) -> None:
    if connection.prepared_at is None:
        raise Refused(CONFLICT, "The account is still being checked. Please try again in a moment.")
    if connection.missing:
        raise Refused(CONFLICT, f"The account is not ready yet. Missing: {'; '.join(map(str, connection.missing))}.")
    if connection.problem and connection.state == ConnectionState.SETUP:
        raise Refused(CONFLICT, f"The account could not be checked: {connection.problem} Press “Check again”.")
