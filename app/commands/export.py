"""`storeline export`."""

from __future__ import annotations

import json
import sys

import click

from app.config import Settings
from app.errors import NotFound
from app.models import PrivacyAction
from app.sync import privacy, stores
from app.terminal import opened


@click.command()
@click.argument("store_hash")
@click.argument("email")
@click.pass_obj
def command(settings: Settings, store_hash: str, email: str) -> None:
    """Print everything that is held on a person of a store, as JSON."""
    runtime = opened(settings)
    try:
        store_id = stores.number_of(runtime, store_hash)
    except NotFound as error:
        raise click.ClickException(error.message) from error
    request_id = privacy.ask(runtime, store_id, PrivacyAction.EXPORT, email, "the command line")
    json.dump(privacy.export(runtime, request_id), sys.stdout, ensure_ascii=False, indent=1)
