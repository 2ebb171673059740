"""The README is true where a program can tell."""

from __future__ import annotations

import re
from pathlib import Path

import click

from app.cli import main
from app.config import settings_table

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_every_setting_is_in_its_table() -> None:
    for name, default, meaning in settings_table():
        shown = f"`{default}`" if default else ""
        assert f"| `{name}` | {shown} | {meaning} |" in README


def test_every_command_exists() -> None:
    known = set(main.list_commands(click.Context(main)))
    shown = set(re.findall(r"`storeline ([a-z-]+)", README)) | set(re.findall(r"bin/storeline ([a-z-]+)", README))
    assert shown <= known
    assert len(shown) >= 5
    for name in known:
        assert main.get_command(click.Context(main), name) is not None


def test_every_path_exists() -> None:
    paths = set(re.findall(r"`((?:app|bigcommerce_app|crm_widgets|worker|tests)/[\w/.-]+)`", README))
    assert len(paths) > 20
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


def test_every_picture_exists() -> None:
    assert all((ROOT / path).is_file() for path in re.findall(r"\]\((\.[\w/.-]+\.png)\)", README))


def test_no_machine_and_no_registry_is_named() -> None:
    forbidden = re.compile("|".join(("py" + "pi\\.org", "registry\\.npm" + "js", "/wo" + "rk/", "deb\\.deb" + "ian")))
    tracked = [*ROOT.glob("*.*"), *(ROOT / "app").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert [str(path) for path in tracked if path.is_file() and forbidden.search(path.read_text(errors="ignore"))] == []
