"""Module loader: packages uploaded, scanned, installed by GET, uninstalled, deleted; for administrators only."""

from __future__ import annotations

import hashlib
import io
import re
import uuid
import zipfile
from dataclasses import dataclass, field, replace
from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, forbidden, invalid, missing
from app.sandbox.sugarcrm.php import PhpSyntaxError, php_array
from app.sandbox.sugarcrm.router import Call, Route
from app.sandbox.sugarcrm.site import Site
from app.sandbox.sugarcrm.store import Row

TEXTS = (".php", ".js", ".hbs", ".less")
STRAY = (".DS_Store", "__MACOSX", "Thumbs.db")
DENIED = re.compile(
    r"(?<![\w>$:])(eval|exec|system|passthru|shell_exec|proc_open|popen|pcntl_\w+|curl_\w+|fsockopen|file_get_contents|"
    r"file_put_contents|fopen|fwrite|unlink|assert|create_function|call_user_func\w*)\s*\(",
)
_PLATFORM = re.compile(r"\$platforms\[\]\s*=\s*['\"]([\w-]{1,127})['\"]")


@dataclass
class Package:
    """One uploaded package."""

    file_hash: str
    manifest: Row
    installdefs: Row
    files: dict[str, str]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    installed: bool = False
    enabled: bool = True

    def view(self) -> Row:
        """As the lists show it."""
        name, version = str(self.manifest.get("name", "")), str(self.manifest.get("version", ""))
        return {
            "id": self.id,
            "id_name": str(self.manifest.get("id") or self.manifest.get("key") or name),
            "name": name,
            "version": version,
            "type": self.manifest.get("type", "module"),
            "description": self.manifest.get("description", ""),
            "published_date": self.manifest.get("published_date", ""),
            "uninstallable": bool(self.manifest.get("is_uninstallable", True)),
            "status": "installed" if self.installed else "staged",
            "enabled": self.enabled,
            "file": f"{name}-{version}.zip",
            "file_install": self.file_hash,
            "unFile": self.file_hash,
        }


def read_package(content: bytes, scan: bool) -> Package:
    """A package from its zip; 422 with the reason when the Module Loader would refuse it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/")]
            texts = {
                n: archive.read(n).decode("utf-8", "replace")
                for n in names
                if n.endswith((".php", ".js", ".hbs", ".less"))
            }
    except zipfile.BadZipFile as error:
        raise invalid("The file is no zip archive") from error
    if "manifest.php" not in names:
        raise invalid("The package has no manifest.php at its root")
    stray = [n for n in names if any(s in n for s in STRAY) or n.startswith("/") or ".." in n.split("/")]
    if stray:
        raise invalid(f"The package holds files that are not allowed: {', '.join(stray)}")
    problems = scanned(texts) if scan else []
    if problems:
        raise invalid("Package Scanner: " + "; ".join(problems))
    try:
        manifest, installdefs = (php_array(texts["manifest.php"], name) for name in ("manifest", "installdefs"))
    except PhpSyntaxError as error:
        raise invalid(f"manifest.php cannot be read: {error}") from error
    if not isinstance(manifest, dict) or not manifest.get("name") or not manifest.get("version"):
        raise invalid("manifest.php has no $manifest with name and version")
    missing_files = [c["from"] for c in _copies(installdefs) if not _there(c["from"], names)]
    if missing_files:
        raise invalid(f"installdefs name files that are not in the package: {', '.join(missing_files)}")
    return Package(hashlib.md5(content, usedforsecurity=False).hexdigest(), manifest, installdefs or {}, texts)


def scanned(texts: dict[str, str]) -> list[str]:
    """What the scanner finds: functions that are on its list."""
    return [
        f"{name}: function {found.group(1)}() is not allowed"
        for name, text in texts.items()
        if name.endswith(".php")
        for found in DENIED.finditer(re.sub(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'", "", text, flags=re.DOTALL))
    ]


def _copies(installdefs: Any) -> list[Row]:
    found = installdefs.get("copy", []) if isinstance(installdefs, dict) else []
    return [c for c in found if isinstance(c, dict) and "from" in c]


def _there(source: str, names: list[str]) -> bool:
    path = source.replace("<basepath>/", "").rstrip("/")
    return any(n == path or n.startswith(path + "/") for n in names)


class Packages:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._site: Site = api.site

    def _admin(self, call: Call) -> None:
        if not call.actor.admin:
            raise forbidden("Only administrators may manage packages.")

    def _need(self, call: Call, key: str) -> Package:
        self._admin(call)
        for package in self._site.packages:
            if key in (package.file_hash, package.id):
                found: Package = package
                return found
        raise ApiError("not_found", f"Could not find package: {key}")

    def upload(self, call: Call) -> Row:
        """A package into the staging area; a newer version of an installed one waits beside it."""
        self._admin(call)
        sent = call.files.get("upgrade_zip")
        if sent is None:
            raise missing("upgrade_zip")
        package = read_package(sent.read(), self._site.switches.package_scan)
        self._check_version(package)
        if any(p.file_hash == package.file_hash for p in self._site.packages):
            raise invalid("The package is uploaded already")
        self._site.packages.append(package)
        return package.view()

    def _check_version(self, package: Package) -> None:
        accepted = package.manifest.get("acceptable_sugar_versions") or {}
        patterns = accepted.get("regex_matches") or [] if isinstance(accepted, dict) else []
        exact = accepted.get("exact_matches") or [] if isinstance(accepted, dict) else accepted
        version = self._site.switches.version
        wild = any(re.fullmatch(re.escape(e).replace(r"\*", ".*"), version) for e in exact)
        if (patterns or exact) and not wild and not any(re.match(p, version) for p in patterns):
            raise invalid(f"The package does not accept Sugar {version}")
        flavors = package.manifest.get("acceptable_sugar_flavors")
        if flavors and self._site.switches.flavor not in flavors:
            raise invalid(f"The package does not accept Sugar {self._site.switches.flavor}")

    def list(self, call: Call) -> Row:
        """All, or only the staged or installed ones."""
        self._admin(call)
        kept = {"installed": (True,), "staged": (False,)}.get(call.path[-1], (True, False))
        return {"packages": [p.view() for p in self._site.packages if p.installed in kept]}

    def install(self, call: Call, file_hash: str) -> Row:
        """Yes, by GET. Fields and platforms that the package brings appear; an older version goes."""
        package = self._need(call, file_hash)
        own = package.view()["id_name"]
        self._site.packages[:] = [
            p for p in self._site.packages if p is package or not p.installed or p.view()["id_name"] != own
        ]
        package.installed = package.enabled = True
        for one in package.installdefs.get("custom_fields") or ():
            told = str(one.get("type") or "varchar")
            kind = {"relate": "varchar", "datetimecombo": "datetime"}.get(told, told)
            size = int(one.get("max_size") or one.get("len") or 0)
            self._site.add_field(
                str(one["module"]), str(one["name"]), kind, len=size, label=str(one.get("label") or "")
            )
        named = [name for text in package.files.values() for name in _PLATFORM.findall(text)]
        switches = self._site.switches
        self._site.switches = replace(switches, platforms=tuple(dict.fromkeys((*switches.platforms, *named))))
        self._site.metadata_revision += 1
        return package.view()

    def status(self, call: Call, file_hash: str) -> Row:
        """How far the installation is."""
        package = self._need(call, file_hash)
        return {"status": "done" if package.installed else "staged", "message": [], "id": package.id}

    def switch(self, call: Call, file_hash: str) -> Row:
        """Enable or disable an installed package."""
        package = self._need(call, file_hash)
        package.enabled = call.path[-1] == "enable"
        return package.view()

    def uninstall(self, call: Call, file_hash: str) -> Row:
        """Back into the staging area."""
        package = self._need(call, file_hash)
        if not package.installed:
            raise invalid("The package is not installed")
        package.installed = False
        return package.view()

    def delete(self, call: Call, file_hash: str) -> Row:
        """Away; an installed package must be uninstalled first."""
        package = self._need(call, file_hash)
        if package.installed:
            raise invalid("The package is installed")
        self._site.packages.remove(package)
        return {"success": True}


def routes(api: Api) -> list[Route]:
    """Module loader."""
    handlers = Packages(api)
    base = "Administration/packages"
    return [
        Route("POST", base, handlers.upload),
        *(Route("GET", base + tail, handlers.list) for tail in ("", "/installed", "/staged")),
        Route("GET", f"{base}/<file_hash>/install", handlers.install),
        Route("GET", f"{base}/<file_hash>/installation-status", handlers.status),
        *(Route("GET", f"{base}/<file_hash>/{verb}", handlers.switch) for verb in ("enable", "disable")),
        Route("GET", f"{base}/<file_hash>/uninstall", handlers.uninstall),
        Route("DELETE", f"{base}/<file_hash>", handlers.delete),
    ]
