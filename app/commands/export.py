"""`storeline export`."""

from __future__ import annotations

import json
import sys

import click
from sqlalchemy import select

from app.config import Settings
from app.models import PrivacyAction, Store
from app.runtime import Runtime
from app.sync import privacy


@click.command()
@click.argument("store_hash")
@click.argument("email")
@click.pass_obj
def command(settings: Settings, store_hash: str, email: str) -> None:
    """Print everything that is held on a person of a store, as JSON."""
    runtime = Runtime.build(settings)
    with runtime.database.reading() as session:
        store_id = session.scalar(select(Store.id).where(Store.store_hash == store_hash))
    if store_id is None:
        raise click.ClickException(f"there is no store {store_hash}")
    request_id = privacy.ask(runtime, store_id, PrivacyAction.EXPORT, email, "the command line")
    json.dump(privacy.export(runtime, request_id), sys.stdout, ensure_ascii=False, indent=1)
