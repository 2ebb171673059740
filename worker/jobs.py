"""Jobs by name (app/queue.py lists them); the work is in app/sync. Any unexpected exception fails the job."""

from __future__ import annotations

from functools import cache

from app import log
from app.config import Settings
from app.runtime import Runtime
from app.sync import comparing, connections, loading, polling, preparation, privacy, receipts, stores
from app.sync import flush as engine
from app.sync import hooks as store_hooks
from app.sync import refill as store_refill


@cache
def runtime() -> Runtime:
    """Built in the process that runs the job, never before a fork."""
    settings = Settings.from_env()
    log.configure(settings.log_level)
    return Runtime.build(settings)


def flush(connection_id: int) -> None:
    """Carry what is due for one connection."""
    engine.flush(runtime(), connection_id)


def prepare(connection_id: int) -> None:
    """Check or make what we rely on in a newly connected account."""
    preparation.prepare(runtime(), connection_id)


def renew(connection_id: int) -> None:
    """Refresh the tokens of a quiet connection before the vendor forgets it."""
    connections.keep_alive(runtime(), connection_id)


def hooks(store_id: int) -> None:
    """Register, repair and re-activate the webhooks of a store."""
    store_hooks.ensure(runtime(), store_id)


def forget(store_id: int) -> None:
    """End what an uninstalled store had authorised."""
    stores.forget(runtime(), store_id)


def erase(request_id: int) -> None:
    """Erase a person's data."""
    privacy.erase(runtime(), request_id)


def delete_store(receipt_id: int) -> None:
    """Delete the data of a store that was uninstalled long enough ago."""
    receipts.carry_out(runtime(), receipt_id)


def refill(store_id: int) -> None:
    """Look for what changed in a store and was not told."""
    store_refill.refill(runtime(), store_id)


def compare(comparison_id: int) -> None:
    """Go on comparing both sides' orders."""
    comparing.compare(runtime(), comparison_id)


def poll(connection_id: int) -> None:
    """Ask a CRM what changed there."""
    polling.poll(runtime(), connection_id)


def backfill(backfill_id: int) -> None:
    """Count, or ask for, what a backfill is to load."""
    loading.run(runtime(), backfill_id)
