"""`storeline doctor`."""

from __future__ import annotations

import sys

import click

from app import doctor, log
from app.config import Settings


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Check configuration, database, Redis, migrations and every connection."""
    log.configure("error")  # what the checks find is said in words; their calls are made without Redis on purpose
    is_bad = False
    for finding in doctor.examine(settings):  # one by one: a vendor may take long to answer
        click.echo(finding)
        is_bad |= finding.is_bad
    sys.exit(is_bad)
