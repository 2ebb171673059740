"""`storeline receipts`."""

from __future__ import annotations

import click

from app.config import Settings
from app.sync import receipts
from app.terminal import opened


@click.command()
@click.argument("store_hash", default="")
@click.pass_obj
def command(settings: Settings, store_hash: str) -> None:
    """What became of the data of stores that were uninstalled."""
    with opened(settings).database.reading() as session:
        found = receipts.listed(session, store_hash)
    for receipt in found:
        click.echo(f"{receipt.store_hash}: {receipts.words(receipt)}")
    if not found:
        click.echo("none was uninstalled")
