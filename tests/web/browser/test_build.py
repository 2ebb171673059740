"""The build of the settings UI: only when needed, with whatever Node.js there is; and the UI's own unit tests."""

from __future__ import annotations

import gzip
import os
import stat
from pathlib import Path

import pytest
from flask import Flask

from bigcommerce_app import build as builder
from bigcommerce_app import bundle
from bigcommerce_app.build import BuildError

NPM = """#!/bin/sh
echo "$@" >> "{log}"
if [ "$1" = run ]; then mkdir -p dist/.vite && echo '{{}}' > dist/.vite/manifest.json; fi
exit {code}
"""


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    """A small project."""
    folder = tmp_path / "ui"
    (folder / "src").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "src" / "main.tsx").write_text("start();")
    return folder


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose npm writes down what it is asked to do."""
    return machine(tmp_path, monkeypatch)


def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str = "v22.1.0", code: int = 0) -> Path:
    """Put a node and an npm on the path, and nothing else in front of them."""
    folder, log = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir(exist_ok=True)
    for name, text in (("node", f"#!/bin/sh\necho {version}\n"), ("npm", NPM.format(log=log, code=code))):
        (folder / name).write_text(text)
        (folder / name).chmod((folder / name).stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    log.write_text("")
    return log


def test_it_builds_once(ui: Path, calls: Path) -> None:
    assert builder.build(ui)
    assert calls.read_text().splitlines() == ["ci --no-audit --no-fund", "run build"]
    assert not builder.build(ui)
    assert len(calls.read_text().splitlines()) == 2


@pytest.mark.parametrize("change", ["edited", "added", "renamed", "removed", "bundle gone"])
def test_it_builds_again_when_something_changed(ui: Path, calls: Path, change: str) -> None:
    builder.build(ui)
    main = ui / "src" / "main.tsx"
    if change == "edited":
        main.write_text("other();")
    if change == "added":
        (ui / "src" / "more.ts").write_text("")
    if change == "renamed":
        main.rename(ui / "src" / "index.tsx")
    if change == "removed":
        (ui / "package.json").unlink()
    if change == "bundle gone":
        (ui / "dist" / ".vite" / "manifest.json").unlink()
    assert builder.build(ui)


def test_a_test_is_no_source(ui: Path, calls: Path) -> None:
    builder.build(ui)
    (ui / "src" / "main.test.tsx").write_text("it();")
    assert not builder.build(ui)


def test_what_npm_says_is_passed_on_and_nothing_counts_as_built(
    ui: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine(tmp_path, monkeypatch, code=3)
    with pytest.raises(BuildError, match="npm ci --no-audit --no-fund"):
        builder.build(ui)
    assert not builder.is_current(ui, builder.fingerprint(ui))


@pytest.mark.parametrize("version", ["v18.19.0", "nonsense"])
def test_a_node_that_is_too_old_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], version: str
) -> None:
    machine(tmp_path, monkeypatch, version=version)
    assert builder.machine_node() is None
    assert version in capsys.readouterr().err


def test_a_machine_without_node_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert builder.machine_node() is None


@pytest.mark.usefixtures("bundle")
def test_the_bundle_is_sent_gzipped_to_whoever_takes_that() -> None:
    app = Flask("tests", static_folder=None)
    app.register_blueprint(bundle.blueprint)
    path = f"/bigcommerce/static/{bundle.bundle().script}"
    plain = app.test_client().get(path)
    small = app.test_client().get(path, headers={"Accept-Encoding": "gzip, br"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    assert int(small.headers["Content-Length"]) == len(small.data) < len(plain.data) / 2
    assert plain.headers["Vary"] == small.headers["Vary"] == "Accept-Encoding"
    assert plain.mimetype == small.mimetype == "text/javascript"
    assert plain.headers["ETag"] != small.headers["ETag"]


@pytest.mark.usefixtures("bundle")
def test_the_units_of_the_ui() -> None:
    said = builder.npm(builder.UI, "test")
    assert "passed" in said


@pytest.mark.usefixtures("bundle")
def test_the_bundle_names_no_foreign_host_but_in_words() -> None:
    """Nothing is loaded from anywhere else: no font, no script, no sheet."""
    script = next((builder.UI / "dist" / "assets").glob("main-*.js")).read_text()
    for sign in ("fonts.googleapis", "cdn.", "@import url", "unpkg", "jsdelivr"):
        assert sign not in script
