"""Database migrations (alembic), run by `storeline release`."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine


def config(url: str) -> Config:
    """Alembic's configuration, without an ini file."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return settings


def versions(engine: Engine) -> tuple[str | None, str | None]:
    """The version of a database, and the one that the code needs."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found, ScriptDirectory.from_config(config("")).get_current_head()


def upgrade(url: str) -> None:
    """Bring the database to the newest version."""
    command.upgrade(config(url), "head")
