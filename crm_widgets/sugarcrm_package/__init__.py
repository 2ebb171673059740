"""The package for SugarCRM's Module Loader, made for one connection: its configuration holds that one's secret."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from app.connectors.sugarcrm.schema import FIELDS, KEYED, OWN_KEY, CustomField
from app.models import Connection
from app.runtime import Runtime
from app.ui import passes
from crm_widgets import launches
from crm_widgets.sugarcrm_package.php import php

STATIC = Path(__file__).parent / "static"
SUFFIXES = (".php", ".js", ".hbs")  # the Module Loader refuses what file managers leave behind
ROOT = "src/"  # of the files in the archive
CONFIG = "custom/include/storeline/config.php"
PLATFORM = "custom/Extension/application/Ext/Platforms/storeline.php"
# Studio's words for types, and the Module Loader's.
TYPES = {"TextField": "varchar", "Currency": "currency", "DateTime": "datetimecombo"}
LONGEST = 255  # characters of a text field
ID = "storeline"  # for ever: by it an upgrade finds what it replaces
PUBLISHED = "2026-11-21"
VERSIONS = r"^(14|25|26)\..*$"
FLAVOURS = ("PRO", "ENT", "ULT")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same input, the same archive


@dataclass(frozen=True)
class Configuration:
    """What the package knows of us."""

    launch_url: str
    instance: str
    secret: str = field(repr=False)
    platform: str = "storeline"  # our own API platform, so that nobody else's session ends with ours


def package(runtime: Runtime, connection_id: int) -> bytes:
    """The archive for a connection; whoever has it can ask for panels in its name."""
    secret = launches.secret(runtime, connection_id)
    with runtime.database.reading() as session:
        instance = passes.tenant_of(session.get_one(Connection, connection_id))
    launch_url = runtime.settings.absolute("/panels/sugarcrm/launch")
    return archive(Configuration(launch_url, instance, secret, runtime.settings.sugarcrm_platform))


def archive(configuration: Configuration) -> bytes:
    """The archive with this configuration."""
    files = {
        path.relative_to(STATIC).as_posix(): path.read_bytes() for path in STATIC.rglob("*") if path.suffix in SUFFIXES
    }
    files[CONFIG] = _config(configuration)
    files[PLATFORM] = f"<?php\n\n$platforms[] = {php(configuration.platform)};\n".encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in {"manifest.php": _manifest(sorted(files)), **_rooted(files)}.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return written.getvalue()


def _rooted(files: dict[str, bytes]) -> dict[str, bytes]:
    return {ROOT + name: files[name] for name in sorted(files)}


def _config(configuration: Configuration) -> bytes:
    values = {
        "launch_url": configuration.launch_url,
        "instance": configuration.instance,
        "secret": configuration.secret,
    }
    return f"<?php\n\nreturn {php(values)};\n".encode()


def _manifest(files: list[str]) -> bytes:
    manifest = {
        "id": ID,
        "key": ID,
        "name": "Storeline",
        "description": "Order history of the BigCommerce store on people, deals and cases",
        "version": version("storeline"),
        "author": "Storeline",
        "type": "module",
        "is_uninstallable": True,
        "published_date": PUBLISHED,
        "acceptable_sugar_versions": {"exact_matches": [], "regex_matches": [VERSIONS]},
        "acceptable_sugar_flavors": FLAVOURS,
        "remove_tables": "prompt",
        "icon": "",
        "readme": "",
    }
    copies = [{"from": f"<basepath>/{ROOT}{name}", "to": name} for name in files]
    installdefs = {"id": ID, "copy": copies, "custom_fields": _fields()}
    return f"<?php\n\n$manifest = {php(manifest)};\n\n$installdefs = {php(installdefs)};\n".encode()


def _fields() -> list[dict[str, object]]:
    """What the sync fills where it exists, and where our key is kept for users who may not set sync keys."""
    own = [CustomField(module, OWN_KEY, "Storeline Key", "TextField") for module in KEYED]
    return [
        {
            "name": one.name,
            "label": one.label,
            "type": TYPES[one.type],
            "module": one.module,
            "max_size": LONGEST if TYPES[one.type] == "varchar" else "",
            "require_option": "optional",
            "default_value": "",
            "ext1": "",
            "ext2": "",
            "ext3": "",
            "audited": 0,
        }
        for one in (*FIELDS, *own)
    ]
