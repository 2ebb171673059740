"""Check or make what we rely on in an account, ask to be told of changes there, and keep what was found."""

from __future__ import annotations

from typing import Any

from app.db import now
from app.errors import Reauthorize, Retryable, StorelineError
from app.models import Connection
from app.runtime import Runtime
from app.sync import connections, notices


def prepare(runtime: Runtime, connection_id: int) -> None:
    """Prepare the account of a connection; what is missing or wrong is kept in words for the merchant.

    Raises Retryable if the vendor is away: the clock starts it again.
    """
    problem = ""
    facts: dict[str, Any] | None = None
    missing: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    try:
        target = connections.open_target(runtime, connection_id)
        preparation = target.prepare()
        facts, missing = dict(preparation.facts), preparation.missing
        trouble = target.subscribe(notices.address(runtime, connection_id))
        advice = (*preparation.advice, *((trouble,) if trouble else ()))
    except Reauthorize as error:
        connections.need_reauthorization(runtime, connection_id, error)
        problem = error.message
    except Retryable:
        raise
    except StorelineError as error:
        problem = error.message
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        connection.problem, connection.missing, connection.prepared_at = problem[:1000], list(missing), now()
        if facts is not None:
            connection.facts, connection.advice = facts, list(advice)
            connection.hold_until = None  # what was held for lack of something may go on
            connection.account_name = str(facts.get("organization_name") or connection.account_name)[:255]
