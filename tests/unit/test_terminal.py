"""Commands that a person types on a database that is not ready for them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app.commands import erase, export, receipts, rotate_keys
from app.config import Settings


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        (export.command, ["hash", "a@b.example"]), (erase.command, ["hash", "a@b.example", "--yes"]),
        (receipts.command, []), (rotate_keys.command, []),
    ],
)  # fmt: skip
def test_a_database_that_is_not_migrated_is_named_with_what_to_do(
    redis_url: str, tmp_path: Path, command: click.Command, arguments: list[str]
) -> None:
    new = Settings(database_url=f"sqlite:///{tmp_path / 'new.db'}", redis_url=redis_url)
    answer = CliRunner().invoke(command, arguments, obj=new)
    assert answer.exit_code == 1
    assert "run storeline release" in answer.output


def test_a_database_that_is_away_is_named_without_a_traceback(redis_url: str) -> None:
    away = Settings(database_url="postgresql://storeline@127.0.0.1:9/none", redis_url=redis_url)
    answer = CliRunner().invoke(receipts.command, [], obj=away)
    assert (answer.exit_code, "cannot be reached" in answer.output) == (1, True)
