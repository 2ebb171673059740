"""The built screens: which files a page needs, and the files themselves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request

from app.ui import session

DIST = Path(__file__).parent / "ui" / "dist"
ENTRY = "src/main.tsx"
YEAR = 365 * 24 * 3600  # seconds
ASSETS = "assets/"  # here a file's name holds its fingerprint


@dataclass(frozen=True)
class Bundle:
    """Files of the built screens, as paths below `DIST`."""

    script: str
    modules: tuple[str, ...]  # what the script imports at once
    styles: tuple[str, ...]


class NotBuilt(Exception):
    """The screens have not been built; `python -m bigcommerce_app.build` does that."""


blueprint = Blueprint(
    "bigcommerce_static", __name__, static_folder=str(DIST), static_url_path="/bigcommerce/static"
)  # fmt: skip
session.public(blueprint, "the same scripts and styles for everybody")


def bundle() -> Bundle:
    """What Vite's manifest says. Raises NotBuilt."""
    manifest = DIST / ".vite" / "manifest.json"
    try:
        return _read(manifest, manifest.stat().st_mtime_ns)
    except OSError as error:
        raise NotBuilt from error


@lru_cache(maxsize=2)
def _read(manifest: Path, _changed: int) -> Bundle:
    entries: dict[str, dict[str, Any]] = json.loads(manifest.read_text())
    wanted = [ENTRY]
    for name in wanted:
        wanted += [other for other in entries[name].get("imports", ()) if other not in wanted]
    styles = [sheet for name in wanted for sheet in entries[name].get("css", ())]
    modules = tuple(entries[name]["file"] for name in wanted[1:])
    return Bundle(entries[ENTRY]["file"], modules, tuple(dict.fromkeys(styles)))


@blueprint.after_request
def keep(response: Response) -> Response:
    """A file with a fingerprint in its name never changes; the others are asked for again."""
    filename = (request.view_args or {}).get("filename", "")
    if response.status_code == 200 and filename.startswith(ASSETS):
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        _send_twin(response, Path(str(blueprint.static_folder)) / f"{filename}.gz")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _send_twin(response: Response, twin: Path) -> None:
    """Send the gzipped twin that the build put beside a file, to browsers that take it."""
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] and not request.range and twin.is_file():
        response.direct_passthrough = False
        response.set_data(twin.read_bytes())
        response.headers["Content-Encoding"] = "gzip"
        response.set_etag(f"{twin.stat().st_mtime_ns:x}-gzip")
