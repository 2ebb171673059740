"""What the commands that a person types have in common."""

from __future__ import annotations

import click
from sqlalchemy.exc import OperationalError

from app import migrations
from app.config import Settings
from app.runtime import Runtime


def opened(settings: Settings) -> Runtime:
    """A runtime on a database of the version that the code needs. Raises ClickException, with what to do."""
    try:
        runtime = Runtime.build(settings)
        found, wanted = migrations.versions(runtime.database.engine)
    except OperationalError as error:
        first = str(error.orig).splitlines()[0]
        raise click.ClickException(f"The database cannot be reached: {first}. Check STORELINE_DATABASE_URL.") from error
    if found != wanted:
        raise click.ClickException(
            f"The database is at version {found}, the code needs {wanted}: run storeline release."
        )
    return runtime
