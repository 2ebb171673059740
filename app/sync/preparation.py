"""Check or make what we rely on in an account, ask to be told of changes there, and keep what was found."""

from __future__ import annotations

from app.connectors.base import Preparation
from app.db import now
from app.errors import Reauthorize, Retryable, StorelineError
from app.models import Connection
from app.runtime import Runtime
from app.sync import connections, notices
from app.sync.budgets import Budget, Lane


def prepare(runtime: Runtime, connection_id: int) -> None:
    """Prepare the account of a connection; what is missing or wrong is kept in words for the merchant.

    Raises Retryable if the vendor is away: the clock starts it again.
    """
    problem = trouble = ""
    found: Preparation | None = None
    try:
        with Budget(runtime, connection_id, Lane.CUSTOMERS) as budget:
            found = connections.open_target(runtime, connection_id, budget).prepare()
            _keep(runtime, connection_id, found)
            # Opened anew, with what was found: whoever asks to be told of changes has to know of what.
            target = connections.open_target(runtime, connection_id, budget)
            trouble = target.subscribe(notices.address(runtime, connection_id))
    except Reauthorize as error:
        connections.need_reauthorization(runtime, connection_id, error)
        problem = error.message
    except Retryable:
        raise
    except StorelineError as error:
        problem = error.message
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        connection.problem, connection.prepared_at = problem[:1000], now()
        connection.missing = list(found.missing) if found is not None else []
        if trouble:
            connection.advice = [*connection.advice, trouble]


def _keep(runtime: Runtime, connection_id: int, found: Preparation) -> None:
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        connection.facts = {**found.facts, notices.ACTS_AS: list(found.acts_as)}
        connection.advice = list(found.advice)
        connection.hold_until = None  # what was held for lack of something may go on
        connection.account_name = str(found.facts.get("organization_name") or connection.account_name)[:255]
