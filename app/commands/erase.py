"""`storeline erase`."""

from __future__ import annotations

import click

from app.config import Settings
from app.errors import NotFound
from app.models import PrivacyAction, PrivacyRequest
from app.sync import privacy, stores
from app.terminal import opened


@click.command()
@click.argument("store_hash")
@click.argument("email")
@click.confirmation_option(prompt="Erase everything that is held on this person?")
@click.pass_obj
def command(settings: Settings, store_hash: str, email: str) -> None:
    """Erase everything that is held on a person of a store."""
    runtime = opened(settings)
    try:
        store_id = stores.number_of(runtime, store_hash)
    except NotFound as error:
        raise click.ClickException(error.message) from error
    request_id = privacy.ask(runtime, store_id, PrivacyAction.ERASE, email, "the command line")
    done = privacy.erase(runtime, request_id)
    with runtime.database.reading() as session:
        counts = session.get_one(PrivacyRequest, request_id).counts
    click.echo("\n".join(f"{number:>8}  {table}" for table, number in counts.items()) or "nothing was held")
    if not done:
        click.echo("something is being carried for this person right now; the clock process erases it afterwards")
