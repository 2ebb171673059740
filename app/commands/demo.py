"""`storeline demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app import demo


@click.command()
@click.option("--once", is_flag=True, help="End when all is synced; exit 0 only if everything arrived and agrees.")
@click.option(
    "--orders", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Order lines as CSV (.gz, .xz)."
)
@click.option("--limit", type=click.IntRange(1), help="Use only the first N invoices.")
@click.option("--crm", "crms", multiple=True, help="Connect only this CRM; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--port-offset", type=int, default=0, help="Added to every port, to run beside another demo.")
def command(
    once: bool, orders: Path | None, limit: int | None, crms: tuple[str, ...], as_json: bool, port_offset: int
) -> None:
    """Run everything against the stand-ins: install, connect, load orders, sync, report."""
    sys.exit(demo.run(demo.Choices(once, orders, limit, crms, as_json, port_offset)))
