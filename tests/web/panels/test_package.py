"""The package for SugarCRM's Module Loader."""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.api import problems
from app.models import Connection, ConnectionState, Store, User
from app.sandbox.sugarcrm.packages import read_package
from app.sandbox.sugarcrm.php import php_array
from app.sync import connections, notices
from app.ui import session as sessions
from crm_widgets import launches
from crm_widgets.sugarcrm_package import Configuration, archive, package
from crm_widgets.sugarcrm_package.php import php
from tests.web.panels.world import World

HOSTILE = ["it's", "back\\slash", "\\", "\\'", "';system('id');//", "a\nb", "$x {$y} <?php ?>", "ü€😀", ""]


def unzipped(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as found:
        assert found.testzip() is None
        return {name: found.read(name).decode() for name in found.namelist()}


@pytest.fixture
def store(world: World) -> Store:
    return world.store()


@pytest.fixture
def side(world: World, store: Store) -> Connection:
    return world.crm(store, "sugarcrm")


def test_manifest_names_us_and_every_file(world: World, side: Connection) -> None:
    content = package(world.runtime, side.id)
    files = unzipped(content)
    manifest, installdefs = (php_array(files["manifest.php"], name) for name in ("manifest", "installdefs"))
    assert (manifest["id"], manifest["key"], manifest["type"]) == ("storeline", "storeline", "module")
    assert manifest["is_uninstallable"] is True and "ENT" in manifest["acceptable_sugar_flavors"]
    [pattern] = manifest["acceptable_sugar_versions"]["regex_matches"]
    accepted = [version for version in ("13.0.1", "14.0.0", "25.1.0", "26.1.0", "2.5") if re.match(pattern, version)]
    assert accepted == ["14.0.0", "25.1.0", "26.1.0"]
    assert installdefs["id"] == "storeline"
    told = {one["from"].removeprefix("<basepath>/"): one["to"] for one in installdefs["copy"]}
    assert set(files) == {"manifest.php", *told}
    assert all(name == f"src/{target}" and target.startswith("custom/") for name, target in told.items())
    fields = {(one["module"], one["name"]): one["type"] for one in installdefs["custom_fields"]}
    assert fields[("Opportunities", "bc_gross_c")] == "currency"
    assert fields[("Contacts", "bc_key_c")] == "varchar"
    platform = files["src/custom/Extension/application/Ext/Platforms/storeline.php"]
    assert "$platforms[] = 'storeline';" in platform
    assert {Path(name).suffix for name in files} == {".php", ".js", ".hbs"}


def test_the_module_loaders_scan_lets_it_in(world: World, side: Connection) -> None:
    found = read_package(package(world.runtime, side.id), scan=True)
    assert found.view()["id_name"] == "storeline" and found.view()["version"]


def test_configuration_holds_the_connections_own_secret(world: World, side: Connection) -> None:
    other = world.crm(world.store(), "sugarcrm")
    config = [
        php_array(unzipped(package(world.runtime, one.id))["src/custom/include/storeline/config.php"])
        for one in (side, side, other)
    ]
    assert config[0] == config[1] == {
        "launch_url": "http://localhost:8000/panels/sugarcrm/launch",
        "instance": f"s1.{side.id}",
        "secret": launches.secret(world.runtime, side.id),
    }  # fmt: skip
    assert len({one["secret"] for one in config}) == 2
    assert package(world.runtime, side.id) == package(world.runtime, side.id)


def test_who_knows_the_hooks_address_knows_no_secret(world: World, side: Connection) -> None:
    key = notices.address(world.runtime, side.id).rpartition("/")[2]
    secret = launches.secret(world.runtime, side.id)
    for message in (f"panel:{side.id}", f"panel:{side.id}:{key}"):
        assert secret != hmac.new(key.encode(), message.encode(), hashlib.sha256).hexdigest()
    assert key not in secret


def test_a_new_connection_is_a_new_secret(world: World, side: Connection) -> None:
    before = launches.secret(world.runtime, side.id)
    connections.disconnect(world.runtime, side.id)
    assert launches.secret(world.runtime, side.id) != before


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_ends_its_php_string(value: str) -> None:
    configuration = Configuration(launch_url=value, instance=value, secret=value)
    text = unzipped(archive(configuration))["src/custom/include/storeline/config.php"]
    assert php_array(text) == {"launch_url": value, "instance": value, "secret": value}
    inside = re.sub(r"'(?:\\.|[^'\\])*'", "''", text, flags=re.DOTALL)  # as PHP reads strings
    assert inside == "<?php\n\nreturn [\n    '' => '',\n    '' => '',\n    '' => '',\n];\n"
    assert value == "" or value not in repr(configuration).replace(f"launch_url={value!r}", "").replace(
        f"instance={value!r}", ""
    )


def test_other_values_of_php() -> None:
    assert php([True, 3, {"a": []}]) == "[\n    true,\n    3,\n    [\n        'a' => [],\n    ],\n]"
    with pytest.raises(TypeError):
        php(1.5)


@pytest.fixture
def api(world: World) -> Iterator[Flask]:
    problems.SettingsApi(world.app, spec_kwargs={"title": "t", "version": "1", "openapi_version": "3.1.0"})
    yield world.app


class TestDownload:
    """The address that the settings UI offers."""

    def get(self, world: World, store: Store, connection: Connection) -> TestResponse:
        user = User(store_id=store.id, bigcommerce_id="7", is_owner=True)
        world.add(user)
        token = sessions.issue(
            world.runtime.settings, audience=sessions.SETTINGS, store_hash=store.store_hash, user=user.id, role="owner"
        ).token
        headers = {"Authorization": f"Bearer {token}"}
        return world.app.test_client().get(f"/api/connections/{connection.id}/package", headers=headers)

    def test_of_the_own_connection(self, api: Flask, world: World, store: Store, side: Connection) -> None:
        answer = self.get(world, store, side)
        assert answer.status_code == 200 and answer.mimetype == "application/zip"
        assert answer.data == package(world.runtime, side.id)
        assert answer.headers["Cache-Control"] == "no-store"

    def test_of_nothing_else(self, api: Flask, world: World, store: Store, side: Connection) -> None:
        assert self.get(world, world.store(), side).status_code == 404
        other = world.store()
        assert self.get(world, other, world.crm(other, "sap-sales-cloud")).status_code == 404
        gone = world.crm(world.store(), "sugarcrm", state=ConnectionState.DISCONNECTED)
        with world.runtime.database.reading() as session:
            its_store = session.get_one(Store, gone.store_id)
        assert self.get(world, its_store, gone).status_code == 404
