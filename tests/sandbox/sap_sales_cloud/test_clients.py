"""Other people's clients, unchanged but for the host: pyodata, SAP's Cloud SDK for JavaScript, and bare requests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyodata
import pytest
import requests
from pyodata.exceptions import HttpError

from app.sandbox.sap_sales_cloud import create_app
from tests.sandbox.conftest import NodeClient, Serve
from tests.sandbox.sap_sales_cloud.conftest import ROOT

AUTH = ("sandbox", "sandbox-password")


@pytest.fixture
def base(serve: Serve) -> str:
    return serve(create_app, seed="demo")


@pytest.fixture
def client(base: str) -> Any:  # pyodata makes its attributes up from $metadata
    # pyodata takes one entity only in the standard form
    requests.post(f"{base}/_sandbox/settings", json={"single_results": False}, timeout=30).raise_for_status()
    session = requests.Session()
    session.auth = AUTH
    session.headers.update({"Accept": "application/json"})
    return pyodata.Client(base + ROOT, session)


def test_pyodata_reads_the_schema_and_lists(client: Any) -> None:
    account = client.schema.entity_type("CorporateAccount")
    assert account.proprty("Name").max_length == 40
    assert {nav.name for nav in account.nav_proprties} >= {"CorporateAccountAddress", "CorporateAccountIdentification"}
    found = client.entity_sets.CorporateAccountCollection.get_entities().filter("City eq 'Berlin'").execute()
    assert [one.BusinessPartnerFormattedName for one in found] == ["Nordlicht Dekor GmbH"]
    assert found[0].CreationOn.tzinfo is not None
    counted = client.entity_sets.ContactCollection.get_entities().top(1).count(inline=True).execute()
    assert (counted.total_count, len(counted)) == (3, 1)
    ordered = (
        client.entity_sets.ProductCollection.get_entities().order_by("ProductID desc").select("ProductID").execute()
    )
    assert [one.ProductID for one in ordered] == ["MUG-01", "LAMP-02", "CARD-03"]


def test_pyodata_writes(client: Any) -> None:
    accounts = client.entity_sets.CorporateAccountCollection
    made = accounts.create_entity().set(RoleCode="CRM000", Name="Pyodata", City="Bonn", CountryCode="DE").execute()
    accounts.update_entity(made.ObjectID, method="PATCH").set(City="Ulm").execute()
    assert accounts.get_entity(made.ObjectID).execute().City == "Ulm"
    addresses = accounts.get_entity(made.ObjectID).nav("CorporateAccountAddress").get_entities().execute()
    assert [one.City for one in addresses] == ["Ulm"]
    with pytest.raises(HttpError) as refused:
        accounts.delete_entity(made.ObjectID).execute()
    assert refused.value.response.status_code == 405
    with pytest.raises(HttpError) as wrong:
        accounts.create_entity().set(RoleCode="NOPE", Name="x").execute()
    assert "NOPE" in wrong.value.response.text


def test_pyodata_batches(client: Any) -> None:
    products = client.entity_sets.ProductCollection
    fresh = [
        products.create_entity().set(ProductID=f"PY-{n}", Language="EN", Description="x", BaseUOM="EA")
        for n in range(3)
    ]
    asked = client.create_batch()
    changes = client.create_changeset()
    for one in fresh:
        changes.add_request(one)
    asked.add_request(changes)
    asked.add_request(products.get_entities().filter("startswith(ProductID,'PY-')"))
    made, read = asked.execute()
    assert [one.ProductID for one in made] == ["PY-0", "PY-1", "PY-2"]
    assert len(read) == 3


def test_cloud_sdk_generates_a_client_and_uses_it(serve: Serve, node_client: NodeClient, tmp_path: Path) -> None:
    done = node_client("sap_cloud_sdk.js", [serve(create_app, seed="demo"), str(tmp_path)])
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout.splitlines()[-1])
    assert out["created"] == {"id": out["created"]["id"], "status": "Active", "by": "Mike Summers", "etag": True}
    assert out["stale"] == 412
    assert out["found"] == [[out["created"]["id"], "Ulm", True]]
    assert (out["counted"], out["germany"]) == (4, "Germany")
    assert out["deletable"] == {"account": False, "order": True}, "as $metadata says"
    assert out["order"] == {"gross": "15", "currency": "Euro"}
    assert out["items"] == [["10", "Each"]]
    assert out["batch"] == {"success": [True, True], "statuses": [201, 201], "read": 3}


def test_requests_with_a_session_of_a_person(base: str) -> None:
    session = requests.Session()
    session.auth = ("mike", "sandbox-password")
    session.headers["Accept"] = "application/json"
    body = {"RoleCode": "CRM000", "Name": "By hand"}
    url = f"{base}{ROOT}CorporateAccountCollection"
    assert session.post(url, json=body, timeout=30).status_code == 403
    token = session.get(base + ROOT, headers={"x-csrf-token": "fetch"}, timeout=30).headers["x-csrf-token"]
    made = session.post(url, json=body, headers={"x-csrf-token": token}, timeout=30)
    assert made.status_code == 201
    changed = session.patch(
        made.headers["location"], json={"City": "Bonn"}, timeout=30,
        headers={"x-csrf-token": token, "If-Match": made.headers["etag"]},
    )  # fmt: skip
    assert (changed.status_code, changed.content) == (204, b"")
    assert session.get(made.headers["location"], timeout=30).json()["d"]["results"]["City"] == "Bonn"
