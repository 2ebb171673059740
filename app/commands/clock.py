"""`storeline clock`."""

from __future__ import annotations

import click

from app.config import Settings
from app.runtime import Runtime
from worker import clock


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Do the periodic work; one of several clocks leads."""
    clock.run(Runtime.build(settings))
