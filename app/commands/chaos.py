"""`storeline chaos`."""

from __future__ import annotations

import sys

import click

from app import chaos
from app.chaos.crms import CRMS


@click.command()
@click.option("--events", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed does the same.")
@click.option("--crm", "crms", type=click.Choice(sorted(CRMS)), multiple=True, help="May be repeated; one by default.")
@click.option("--workers", type=click.IntRange(1), default=4, show_default=True)
@click.option("--minutes", type=float, default=30.0, show_default=True, help="To come to rest after the last event.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--port-offset", type=int, default=0, help="Added to every port, to run beside another one.")
def command(
    events: int, seed: int, crms: tuple[str, ...], workers: int, minutes: float, as_json: bool, port_offset: int
) -> None:
    """Break everything while a store is busy: what is lost, doubled, recovered."""
    sys.exit(chaos.run(chaos.Choices(events, seed, crms or chaos.Choices.crms, workers, minutes, as_json, port_offset)))
