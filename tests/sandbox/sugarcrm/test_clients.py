"""Other people's clients, unchanged but for the host: pysugarcrm, sugarcrm-25-api, sugarcrm-cloud-python, zucker."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import sugarcrm_25_api as api25
from pysugarcrm import SugarCRM, sugar_api
from sugarcrm_cloud import exception
from sugarcrm_cloud.client import Client as CloudClient
from zucker import model
from zucker.client import AioClient, RequestsClient

from app.sandbox.sugarcrm import create_app
from tests.sandbox.conftest import Serve

PASSWORD = "sandbox-password"


@pytest.fixture
def base(serve: Serve) -> str:
    return serve(create_app, seed="demo")


def stored(base: str, module: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = requests.get(f"{base}/_sandbox/records/{module}", timeout=10).json()
    return rows


def test_pysugarcrm(base: str) -> None:
    with sugar_api(base, "admin", PASSWORD) as sugar:
        assert sugar.me["current_user"]["user_name"] == "admin"
        made = sugar.post("/Contacts", json={"last_name": "Py"})
        assert sugar.put(f"/Contacts/{made['id']}", json={"title": "Boss"})["title"] == "Boss"
        found = sugar.get("/Contacts", query_params={"filter[0][last_name]": "Py", "fields": "title"})
        assert [r["title"] for r in found["records"]] == ["Boss"]
    assert sugar.is_closed
    with pytest.raises(ValueError, match="No access token"):
        SugarCRM(base, "admin", "wrong")


@pytest.fixture
def sugar_25(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The client reads its settings from files beside the script."""
    settings = {"URL": base, "PLATFORM": "storeline", "USERNAME": "admin", "PASSWORD": PASSWORD}
    (tmp_path / ".env").write_text("".join(f"SUGAR_{name}={value}\n" for name, value in settings.items()))
    monkeypatch.setattr(api25, "BASE_DIR", tmp_path)
    monkeypatch.setattr(api25, "TOKEN_CACHE", tmp_path / ".sugar_token.json")
    return api25.SugarClient()


def test_sugarcrm_25_api_records(base: str, sugar_25: Any, tmp_path: Path) -> None:
    assert api25.ping(sugar_25) == {"ping": "pong", "user": "admin"}
    assert {"Accounts", "RevenueLineItems"} <= set(api25.modules(sugar_25))
    assert api25.fields("Contacts", sugar_25)["last_name"] == "varchar"
    made = api25.create_record("Contacts", {"last_name": "Rodriguez"}, sugar_25)
    assert api25.update_record("Contacts", made["id"], {"title": "Dr"}, sugar_25)["title"] == "Dr"
    assert (
        api25.list_records("Contacts", {"last_name": "rodriguez"}, ["id"], client=sugar_25)["records"][0]["id"]
        == made["id"]
    )
    account = stored(base, "Accounts")[0]["id"]
    sugar_25.relate("Accounts", account, "contacts", made["id"])
    sugar_25.unrelate("Accounts", account, "contacts", made["id"])
    paper = tmp_path / "paper.txt"
    paper.write_text("words")
    link = f"contacts:{made['id']}"
    assert api25.upload(paper, link=link, client=sugar_25)["linked"] == link
    assert stored(base, "Documents")[0]["file_size"] == 5
    requests.post(f"{base}/_sandbox/session/expire", timeout=10)
    assert api25.get_record("Contacts", made["id"], client=sugar_25)["title"] == "Dr"
    api25.delete_record("Contacts", made["id"], client=sugar_25)
    with pytest.raises(api25.SugarError, match="404"):
        api25.get_record("Contacts", made["id"], client=sugar_25)


def test_sugarcrm_25_api_bulk(base: str, sugar_25: Any) -> None:
    people = [{"last_name": f"L{n}"} for n in range(45)]
    made = api25.bulk_create("Leads", people, chunk=20, parallel=2, client=sugar_25, progress=False)
    ids = [row["id"] for row in stored(base, "Leads") if row["last_name"].startswith("L")]
    assert len(set(ids)) == 45
    assert made
    api25.bulk_update("Leads", [{"id": i, "status": "Dead"} for i in ids], client=sugar_25, progress=False)
    criteria = [{"status": "Dead"}]
    assert api25.bulk_delete("Leads", criteria, client=sugar_25, progress=False)["matched"] == 45
    done = api25.bulk_delete("Leads", criteria, dry_run=False, client=sugar_25, progress=False)
    assert done == {"matched": 45, "deleted": 45, "failed": 0}
    assert len(stored(base, "Leads")) == 2


def test_sugarcrm_cloud_python(base: str) -> None:
    client = CloudClient(base, "8.3")
    token = client.get_token("admin", PASSWORD)
    client.set_access_token(client.refresh_token(token["refresh_token"])["access_token"])
    assert client.me()["current_user"]["type"] == "admin"
    made = client.create_lead({"first_name": "Dave", "last_name": "Smith", "assistant": "Mike"})
    assert client.get_lead(made["id"])["assistant"] == "Mike"
    assert client.filter_leads([{"first_name": "Dave"}])["records"][0]["id"] == made["id"]
    assert client.filter_contacts(fields=["last_name"], order_by="last_name", max_num=1)["next_offset"] == 1
    assert len(client.get_contacts()["records"]) == 3
    assert client.create_contact({"last_name": "C"})["_module"] == "Contacts"
    assert client.get_metadata("Leads")["modules"]["Leads"]["fields"]["status"]["type"] == "enum"
    with pytest.raises(exception.SugarApiExceptionNotFound):
        client.get_lead("nope")
    with pytest.raises(exception.SugarApiExceptionInvalidGrant):
        client.refresh_token(token["refresh_token"])
    with pytest.raises(exception.SugarApiExceptionNeedLogin):
        client.get_token("admin", "wrong")


def test_zucker(base: str) -> None:
    client = RequestsClient(base, "admin", PASSWORD)
    client.fetch_metadata("full_module_list", "server_info")
    assert "Contacts" in client
    assert client.server_info[0] == "ENT"

    class Contact(model.SyncModule, client=client, api_name="Contacts"):  # type: ignore[misc, call-arg]  # it has no types
        first_name = model.StringField()
        last_name = model.StringField()
        phone_work = model.StringField()

    made = Contact(last_name="Zucker", first_name="Zoe")
    made.save()
    for n in range(25):
        Contact(last_name=f"Other {n:02}", phone_work="1").save()
    found = Contact.find((Contact.last_name == "Zucker") | (Contact.first_name == "Tom"))
    assert sorted(c.last_name for c in found) == ["Weber", "Zucker"]
    assert len(Contact.find(Contact.last_name.starts_with("Other"))) == 25
    assert len(list(Contact.find(Contact.phone_work.not_empty()))) == 25
    made.phone_work = "123"
    made.save()
    assert Contact.find()[made.get_data("id")].phone_work == "123"
    made.delete()
    assert len(Contact.find(Contact.last_name == "Zucker")) == 0


def test_zucker_in_bulk(base: str) -> None:
    async def run() -> tuple[list[str], dict[str, int]]:
        client = AioClient(base, "admin", PASSWORD)

        class Lead(model.AsyncModule, client=client, api_name="Leads"):  # type: ignore[misc, call-arg]  # it has no types
            last_name = model.StringField()

        leads = [Lead(last_name=name) for name in ("One", "Two", "Three")]
        await client.request("get", "me")
        requests.delete(f"{base}/_sandbox/calls", timeout=10)
        await client.bulk(*(lead.save() for lead in leads))
        counts = requests.get(f"{base}/_sandbox/calls", timeout=10).json()["counts"]["by_status"]
        await client.close()
        return [lead.last_name for lead in leads], counts

    with ThreadPoolExecutor(1) as pool:  # playwright's loop may run in this thread
        names, counts = pool.submit(asyncio.run, run()).result()
    assert names == ["One", "Two", "Three"]
    assert counts == {"POST 200": 1}
    assert {"One", "Two", "Three"} <= {row["last_name"] for row in stored(base, "Leads")}


def test_slashes_on_the_wire(base: str) -> None:
    body = {
        "grant_type": "password",
        "client_id": "sugar",
        "username": "admin",
        "password": PASSWORD,
        "platform": "api",
    }
    token = requests.post(f"{base}//rest//v11_24/oauth2//token/", json=body, timeout=10).json()["access_token"]
    headers = {"OAuth-Token": token}
    assert requests.get(f"{base}//rest/v10//ping", headers=headers, timeout=10).json() == "pong"
    key = f"{base}/rest/v11_24/Accounts/sync_key/bc%3A1%2F2"
    assert requests.patch(key, json={"name": "A"}, headers=headers, timeout=10).status_code == 201
    assert [a["sync_key"] for a in stored(base, "Accounts") if a["name"] == "A"] == ["bc:1/2"]
    answer = requests.get(f"{base}/rest/v12/ping", headers=headers, timeout=10)
    assert (answer.status_code, answer.history) == (301, [])
