"""`storeline listener`."""

from __future__ import annotations

import click

from app.config import Settings
from app.runtime import Runtime
from worker import listener


@click.command()
@click.pass_obj
def command(settings: Settings) -> None:
    """Listen to the CRMs that tell of changes by themselves."""
    listener.run(Runtime.build(settings))
