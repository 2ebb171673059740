"""The shape of the tree is kept by tests: imports, queues, guards, the reader of the environment."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from app import queue

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "bigcommerce_app", "crm_widgets", "worker")
SOURCES = sorted(
    path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
)
CRMS = re.compile(r"salesforce|sugarcrm|sap_sales_cloud", re.IGNORECASE)
MAY_NAME_A_CRM = (
    "app/catalogue/",
    "app/chaos/",
    "app/connectors/",
    "app/sandbox/",
    "app/demo/",
    "app/migrations/",
    "crm_widgets/",
    "app/config.py",
)


def test_imports_point_down() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_job_exists() -> None:
    for name in queue.JOBS.values():
        module, _, function = name.rpartition(".")
        assert callable(getattr(importlib.import_module(module), function))


def test_the_procfile_has_every_process() -> None:
    processes = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert processes == {name: f"storeline {name}" for name in ("release", "web", "worker", "clock", "listener")}


def test_only_the_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"os\.environ|os\.getenv|getenv\(", path.read_text())
    }
    # The launcher hands the environment down to the processes that it starts, the build to npm.
    assert readers <= {"app/config.py", "app/demo/processes.py", "bigcommerce_app/build.py"}


def test_crms_are_named_only_where_they_belong() -> None:
    offenders = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if CRMS.search(path.read_text()) and not str(path.relative_to(ROOT)).startswith(MAY_NAME_A_CRM)
    ]
    assert offenders == []


def test_no_file_is_too_long() -> None:
    written = [path for path in SOURCES if "versions" not in path.parts]  # migrations are generated
    assert [str(path.relative_to(ROOT)) for path in written if len(path.read_text().splitlines()) > 350] == []


def test_whatever_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[<>=~! ]", line, maxsplit=1)[0].lower() for line in project["dependencies"]}
    owners = packages_distributions()
    undeclared = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []
            for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {*PACKAGES, "_typeshed"}:
                if not {owner.lower() for owner in owners.get(top, [top])} & declared:
                    undeclared.add(f"{path.relative_to(ROOT)}: {top}")
    assert undeclared == set()
