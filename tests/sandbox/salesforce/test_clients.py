"""Other people's clients, unchanged but for the host: simple-salesforce and jsforce."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest
from simple_salesforce.login import SalesforceLogin

from app.sandbox.salesforce import create_app
from tests.sandbox.conftest import NodeClient, Serve


class PlainHttp(HTTPAdapter):
    """Takes every https request to the stand-in, which speaks plain HTTP."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._host = urlsplit(base).netloc

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = urlunsplit(("http", self._host, parts.path, parts.query, ""))
        return super().send(request, *args, **kwargs)


@pytest.fixture
def session(serve: Serve) -> requests.Session:
    made = requests.Session()
    made.mount("https://", PlainHttp(serve(create_app, seed="demo")))
    return made


@pytest.fixture
def salesforce(session: requests.Session) -> Any:  # its attributes are made up on the fly
    return Salesforce(username="admin@sandbox.example", password="sandbox-password", security_token="", session=session)


def test_simple_salesforce_logs_in_every_way(session: requests.Session) -> None:
    user: dict[str, Any] = {"username": "admin@sandbox.example", "password": "sandbox-password", "session": session}
    app: dict[str, Any] = {"consumer_key": "sandbox-client", "consumer_secret": "sandbox-secret"}
    by_password, instance = SalesforceLogin(**user, **app)
    assert Salesforce(instance_url=f"https://{instance}", session_id=by_password, session=session).limits()
    by_client, _ = SalesforceLogin(**app, domain="storeline.my", session=session)
    assert "!" in by_client
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        SalesforceLogin(**{**user, "password": "wrong"}, security_token="")


def test_simple_salesforce_records_and_queries(salesforce: Any) -> None:
    made = salesforce.Account.create({"Name": "Simple"})
    assert made["success"] is True
    assert salesforce.Account.update(made["id"], {"Phone": "1"}) == 204
    assert salesforce.Account.get(made["id"])["Phone"] == "1"
    for n in range(0, 600, 200):
        records = [{"attributes": {"type": "Contact"}, "LastName": f"L{n + i}"} for i in range(200)]
        salesforce.restful("composite/sobjects", method="POST", json={"records": records})
    headers = {"Sforce-Query-Options": "batchSize=200"}
    found = salesforce.query_all("SELECT Id, LastName FROM Contact WHERE LastName LIKE 'L%'", headers=headers)
    assert (found["totalSize"], len(found["records"]), found["done"]) == (600, 600, True)
    assert len(list(salesforce.query_all_iter("SELECT Id FROM Contact"))) == 603
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_FIELD"):
        salesforce.Account.create({"Nope": 1})
    assert salesforce.Account.delete(made["id"]) == 204
    assert {s["name"] for s in salesforce.describe()["sobjects"]} >= {"Account", "Order"}
    assert salesforce.Order.describe()["name"] == "Order"
    assert salesforce.search("FIND {Olivia} RETURNING Contact(Id)")["searchRecords"]


def test_simple_salesforce_upsert_composite_and_bulk(salesforce: Any) -> None:
    metadata = {"type": "Text", "label": "Key", "length": 40, "externalId": True, "unique": True}
    salesforce.toolingexecute(
        "sobjects/CustomField", method="POST", data={"FullName": "Account.Key__c", "Metadata": metadata}
    )
    assert salesforce.Account.upsert("Key__c/1", {"Name": "One"}) == 201
    assert salesforce.Account.upsert("Key__c/1", {"Name": "Uno"}) == 200
    assert salesforce.Account.get_by_custom_id("Key__c", "1")["Name"] == "Uno"
    base = f"/services/data/v{salesforce.sf_version}"
    requested = [
        {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "a", "body": {"Name": "C"}},
        {"method": "GET", "url": f"{base}/sobjects/Account/@{{a.id}}", "referenceId": "g"},
    ]
    answer = salesforce.restful("composite", method="POST", json={"compositeRequest": requested})
    assert answer["compositeResponse"][1]["body"]["Name"] == "C"
    rows = [{"Name": f"B{n}", "Key__c": f"b{n}"} for n in range(50)] + [{"Name": "x" * 300, "Key__c": "long"}]
    (job,) = salesforce.bulk2.Account.upsert(records=rows, external_id_field="Key__c")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (51, 1)
    assert "STRING_TOO_LONG" in salesforce.bulk2.Account.get_failed_records(job["job_id"])
    pages = list(salesforce.bulk2.Account.query("SELECT Id, Name FROM Account WHERE Name LIKE 'B%'", max_records=20))
    assert sum(page.count("\n") - 1 for page in pages) == 50


def test_jsforce(serve: Serve, node_client: NodeClient) -> None:
    done = node_client("jsforce_all.js", [serve(create_app, seed="demo")])
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    assert (out["state"], out["identity"], out["refreshToken"]) == ("s1", "admin@sandbox.example", True)
    assert out["loginUser"].startswith("005")
    assert out["organizationId"].startswith("00D")
    assert out["retrieved"]["Phone"] == "123"
    assert (out["collection"], out["fetched"], out["deleted"], out["left"]) == (450, 450, 5, 445)
    assert out["found"] == ["Person 99", "Person 98", "Person 97"]
    assert (out["firstUpsert"]["created"], out["secondUpsert"]["created"]) == (True, False)
    assert [row["success"] for row in out["upserts"]] == [True, True, False]
    assert out["described"] == ["BC_Key__c"]
    codes = [one["httpStatusCode"] for one in out["composite"]["compositeResponse"]]
    assert codes == [201, 201, 200]
    assert (out["bulk"]["good"], out["bulk"]["unprocessed"], out["bulkQuery"]) == (300, 0, 300)
    assert out["bulk"]["bad"][0].startswith("STRING_TOO_LONG:")
    assert out["error"]["code"] == "INVALID_FIELD"
    assert out["afterExpiry"] == 1


def test_doubled_slashes_on_the_wire(serve: Serve) -> None:
    base = serve(create_app)
    answer = requests.get(f"{base}//services//data/", timeout=10, allow_redirects=False)
    assert answer.status_code == 200
    assert answer.json()[-1]["version"] == "68.0"
