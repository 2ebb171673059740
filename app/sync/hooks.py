"""Keeps a store's webhooks as they should be: all there, all to us, all active."""

from __future__ import annotations

from dataclasses import dataclass

from app.connectors.bigcommerce.connector import BigCommerce
from app.connectors.bigcommerce.events import SUBSCRIBED
from app.connectors.bigcommerce.hooks import Hook
from app.db import now
from app.errors import Rejected, Retryable, StorelineError
from app.log import get_logger
from app.models import Store
from app.runtime import Runtime
from app.sync import connections, stores

PATH = "/webhooks/bigcommerce"

log = get_logger()


@dataclass(frozen=True)
class Repair:
    """What had to be done."""

    created: int = 0
    updated: int = 0
    deleted: int = 0


def ensure(runtime: Runtime, store_id: int) -> Repair:
    """Create what is missing and mend what is wrong; what the store says of itself is refreshed on the way.

    Raises Retryable; what only a person can cure is written to the store and not raised.
    """
    try:
        repair = _ensure(runtime, store_id)
    except StorelineError as error:
        log.warning("hooks", store=store_id, code=error.code)
        if isinstance(error, Retryable):
            raise  # not looked at yet: the clock starts it again
        _note(runtime, store_id, error.message)
        return Repair()
    _note(runtime, store_id, "")
    if repair.created or repair.updated:  # what changed meanwhile was told to nobody
        runtime.bell.start("refill", store_id)
    return repair


def _ensure(runtime: Runtime, store_id: int) -> Repair:
    source = connections.open_source(runtime, store_id)
    assert isinstance(source, BigCommerce)  # the only source there is
    stores.describe(runtime, store_id, source.store_info())
    present = source.hooks.all()
    destination = runtime.settings.absolute(PATH)
    created = updated = 0
    needless = [hook for hook in present if hook.scope not in SUBSCRIBED and hook.destination == destination]
    for scope in SUBSCRIBED:
        # Ours first: what points elsewhere was made under another address of ours, for nobody else's are listed.
        of_scope = sorted((hook for hook in present if hook.scope == scope), key=lambda h: h.destination != destination)
        needless += of_scope[1:]
        if not of_scope:
            created += _create(source, scope, destination)
        elif not _is_right(of_scope[0], destination):
            source.hooks.update(of_scope[0].id, scope, destination)
            updated += 1
    for hook in needless:
        source.hooks.delete(hook.id)
    return Repair(created, updated, len(needless))


def _create(source: BigCommerce, scope: str, destination: str) -> int:
    try:
        source.hooks.create(scope, destination)
    except Rejected as error:
        # Which status says "exists already" is not documented; whether it does now, is.
        again = [hook for hook in source.hooks.all() if hook.scope == scope and hook.destination == destination]
        if not again:
            raise error
        source.hooks.update(again[0].id, scope, destination)
    return 1


def _is_right(hook: Hook, destination: str) -> bool:
    return hook.is_active and hook.destination == destination


def _note(runtime: Runtime, store_id: int, problem: str) -> None:
    with runtime.database.transaction() as session:
        store = session.get_one(Store, store_id)
        store.hooks_checked_at, store.hooks_problem = now(), problem[:500]
