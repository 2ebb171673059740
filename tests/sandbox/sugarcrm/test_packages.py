"""The module loader, and what the stand-in plays of our own package: the launch."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.sandbox.sugarcrm.php import php_array
from tests.sandbox.sugarcrm.conftest import REST, Client
from tests.sandbox.sugarcrm.receiver import Receiver

MANIFEST = """<?php
$manifest = array(
    'id' => 'storeline', 'name' => 'Storeline', 'version' => '%s', 'type' => 'module', // words
    'acceptable_sugar_versions' => ['regex_matches' => ['(26|25|14)\\..*$']], 'acceptable_sugar_flavors' => ['ENT'],
);
$installdefs = ['copy' => [['from' => '<basepath>/src/custom/include', 'to' => 'custom/include']],
    'custom_fields' => [['name' => 'bc_id_c', 'type' => 'varchar', 'max_size' => 40, 'module' => 'Contacts']]];
"""
CONFIG = "<?php\nreturn [\n  'launch_url' => '{}/launch',\n  'instance' => 'i-1',\n  'secret' => 's3cret',\n];\n"


def archive(receiver_url: str = "http://x", version: str = "1.0.0", **files: str) -> bytes:
    held = {
        "manifest.php": MANIFEST % version,
        "src/custom/include/storeline/config.php": CONFIG.format(receiver_url),
        "src/custom/Extension/application/Ext/Platforms/s.php": "<?php\n$platforms[] = 'from_package';\n",
        **files,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, text in held.items():
            packed.writestr(name, text)
    return buffer.getvalue()


def upload(client: Client, content: bytes) -> TestResponse:
    sent = {"upgrade_zip": (io.BytesIO(content), "storeline.zip")}
    return client.http.post(f"{REST}/Administration/packages", data=sent, headers={"OAuth-Token": client.token})


def install(client: Client, content: bytes) -> Any:
    staged = upload(client, content)
    assert staged.status_code == 200, staged.get_json()
    return client.get(f"Administration/packages/{staged.get_json()['file_install']}/install")


def test_a_packages_life(sugar: Client) -> None:
    base = "Administration/packages"
    staged = upload(sugar, archive()).get_json()
    assert (staged["name"], staged["version"], staged["status"]) == ("Storeline", "1.0.0", "staged")
    assert len(sugar.get(f"{base}/staged")["packages"]) == 1
    assert upload(sugar, archive()).status_code == 422
    done = sugar.get(f"{base}/{staged['file_install']}/install")
    assert (done["status"], sugar.get(f"{base}/{done['unFile']}/installation-status")["status"]) == (
        "installed",
        "done",
    )
    newer = install(sugar, archive(version="1.0.1"))
    assert [p["version"] for p in sugar.get(f"{base}/installed")["packages"]] == ["1.0.1"]
    assert sugar.refused("DELETE", f"{base}/{newer['unFile']}") == (422, "invalid_parameter")
    sugar.get(f"{base}/{newer['id']}/uninstall")
    sugar.good("DELETE", f"{base}/{newer['unFile']}")
    assert sugar.get(base) == {"packages": []}
    assert sugar.refused("GET", f"{base}/nope/install") == (404, "not_found")


def test_a_package_brings_fields_and_platforms(sugar: Client) -> None:
    install(sugar, archive())
    assert sugar.create("Contacts", last_name="A", bc_id_c="7")["bc_id_c"] == "7"
    assert "access_token" in sugar.login("from_package")


@pytest.mark.parametrize(
    "files",
    [
        {"manifest.php": "<?php $manifest = ["},
        {"manifest.php": "<?php $manifest = ['name' => 'x'];"},
        {"src/.DS_Store": ""},
        {"src/custom/x.php": "<?php $x = curl_exec($h);"},
        {"src/custom/x.php": "<?php eval ($code);"},
        {"manifest.php": (MANIFEST % "1").replace("src/custom/include'", "src/nowhere'")},
        {"manifest.php": (MANIFEST % "1").replace("(26|25|14)", "(12)")},
    ],
)
def test_what_the_loader_refuses(sugar: Client, files: dict[str, str]) -> None:
    answer = upload(sugar, archive(**files))
    assert (answer.status_code, answer.get_json()["error"]) == (422, "invalid_parameter")


def test_what_the_scanner_lets_pass(sugar: Client) -> None:
    harmless = "<?php // eval(1)\n$this->exec($q); $client->system('x'); $s = 'curl_exec($h)';"
    assert upload(sugar, archive(**{"src/custom/x.php": harmless})).status_code == 200
    assert upload(sugar, b"no zip").status_code == 422


def test_packages_are_for_administrators(sugar: Client, sally: Client) -> None:
    assert upload(sally, archive()).status_code == 403
    assert sally.refused("GET", "Administration/packages") == (403, "not_authorized")


def test_php_arrays() -> None:
    text = "<?php /* c */ $a = ['k' => 'it\\'s', \"n\" => [1, 2.5, -3], 'b' => true,"
    text += "'z' => array('x' => null), 's' => 'a' . 'b'];"
    assert php_array(text) == {"k": "it's", "n": [1, 2.5, -3], "b": True, "z": {"x": None}, "s": "ab"}


def test_launching(sugar: Client, sally: Client, receiver: Receiver) -> None:
    account = sugar.create("Accounts", name="A")
    path = f"Storeline/launch/Accounts/{account['id']}"
    assert sally.refused("GET", path) == (404, "no_method")
    install(sugar, archive(receiver.url))
    receiver.answer = (200, {"url": "http://panel.test/x"})
    assert sally.get(path) == {"url": "http://panel.test/x"}
    (asked,) = receiver.got
    assert (asked["method"], asked["path"], asked["headers"]["authorization"]) == ("POST", "/launch", "Bearer s3cret")
    assert asked["body"] == {
        "instance": "i-1", "module": "Accounts", "record_id": account["id"],
        "user_id": "seed_sally_id", "user_name": "sally",
    }  # fmt: skip
    receiver.answer = (403, {"error": "unknown instance"})
    answer = sally.call("GET", path)
    assert (answer.status_code, answer.get_json()) == (403, {"error": "unknown instance"})
    receiver.answer = (200, "<html>")
    assert sally.refused("GET", path) == (502, "bad_gateway")


def test_no_launch_without_the_record(sugar: Client, sally: Client, receiver: Receiver) -> None:
    package = install(sugar, archive(receiver.url))
    hidden = sugar.create("Accounts", name="Hidden", team_name=[{"id": "team_admin", "primary": True}])
    assert sally.refused("GET", f"Storeline/launch/Accounts/{hidden['id']}") == (404, "not_found")
    assert receiver.got == []
    sugar.get(f"Administration/packages/{package['unFile']}/disable")
    assert sugar.refused("GET", f"Storeline/launch/Accounts/{hidden['id']}") == (404, "no_method")
