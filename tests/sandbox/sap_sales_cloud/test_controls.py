"""Event notifications, the thread counter, faults, records, reset, pages, speed."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from app.sandbox.catalogue import SANDBOXES
from app.sandbox.sap_sales_cloud import NAME, PORT, create_app
from tests.sandbox.conftest import Serve
from tests.sandbox.sap_sales_cloud.conftest import ROOT, Client, batch, change_set, http_request, statuses

AUTH = ("sandbox", "sandbox-password")


@dataclass
class Receiver:
    """Somebody who subscribed."""

    url: str = ""
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int) -> list[dict[str, Any]]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= count, timeout=60), self.got
            return [body for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            with found.arrived:
                found.got.append((self.headers.get("Authorization", ""), body))
                found.arrived.notify_all()

        def log_message(self, *args: object) -> None: ...

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{httpd.server_port}/events"
    yield found
    httpd.shutdown()
    httpd.server_close()


def test_events_in_the_external_form(sap: Client, receiver: Receiver) -> None:
    sap.control(
        "event_notifications", url=receiver.url, username="u", password="p", objects=["Account", "ActivityTask"]
    )
    made = sap.account()
    sap.contact()
    sap.changed("CorporateAccountCollection", made, City="Bonn", CountryCode="DE")
    task = sap.make("TasksCollection", Subject="x")
    assert sap.call("DELETE", f"TasksCollection('{task['ObjectID']}')").status_code == 204
    found = receiver.wait(4)
    # In no order that a receiver could count on.
    assert sorted((one["event-type"], one["data"]["root-entity-id"]) for one in found) == [
        ("Account.Root.Created", made["ObjectID"]),
        ("Account.Root.Updated", made["ObjectID"]),
        ("ActivityTask.Root.Created", task["ObjectID"]),
        ("ActivityTask.Root.Deleted", task["ObjectID"]),
    ]
    assert receiver.got[0][0] == "Basic " + base64.b64encode(b"u:p").decode()
    assert len({one["event-id"] for one in found}) == 4


def test_events_as_cloud_events_doubled_and_dropped(sap: Client, receiver: Receiver) -> None:
    sap.control("event_notifications", url=receiver.url, form="btp", duplicate=1, drop=1, enhanced=True)
    sap.account(Name="Dropped")
    kept = sap.account(Name="Kept")
    first, second = receiver.wait(2)
    assert first == second
    assert (first["specversion"], first["type"]) == ("1.0", "Account.Root.Created")
    assert first["data"]["entity-id"] == kept["ObjectID"]
    (change,) = first["data"]["Changes"]
    assert {"Fieldname": "Name", "Old": "", "New": "Kept"} in change["ChangedFields"]


def test_a_refused_change_set_tells_nobody(sap: Client, receiver: Receiver) -> None:
    sap.control("event_notifications", url=receiver.url)
    batch(sap, change_set(http_request("POST", "CorporateAccountCollection", {"RoleCode": "CRM000", "Name": "x"}),
                          http_request("POST", "CorporateAccountCollection", {})))  # fmt: skip
    sap.product()
    assert [one["event-type"] for one in receiver.wait(1)] == ["Product.Root.Created"]


def test_a_save_of_a_whole_order_is_one_event(sap: Client, receiver: Receiver) -> None:
    sap.product()
    sap.control("event_notifications", url=receiver.url, objects=["CustomerOrder.Root.Updated"])
    order = sap.order({"NetAmount": "1"}, {"NetAmount": "2"})
    item = sap.ask("CustomerOrderItemCollection", f"ParentObjectID eq '{order['ObjectID']}'")[0]
    sap.changed("CustomerOrderItemCollection", item, NetAmount="3")
    assert [one["event-type"] for one in receiver.wait(1)] == ["CustomerOrder.Root.Updated"]


def test_more_than_ten_calls_at_once(serve: Serve) -> None:
    for limits, status in ((True, 429), (False, 200)):
        base = serve(create_app, latency_ms=300, limits=limits, seed="empty")

        def call(_: int, base: str = base) -> int:
            return requests.get(f"{base}{ROOT}ProductCollection/$count", auth=AUTH, timeout=30).status_code

        with ThreadPoolExecutor(14) as pool:
            found = list(pool.map(call, range(14)))
        most = requests.get(f"{base}/_sandbox/parallel", timeout=30).json()["max"]
        assert most > 10 and set(found) <= {200, status}
        assert (429 in found) is limits


def test_faults_calls_records_and_reset(sap: Client) -> None:
    sap.http.post("/_sandbox/fail", json={"status": 429, "times": 1, "headers": {"Retry-After": "1"}})
    failed = sap.call("GET", "ProductCollection")
    assert (failed.status_code, failed.headers["Retry-After"]) == (429, "1")
    assert sap.http.get("/_sandbox/calls").get_json()["count"] == 1
    made = sap.account()
    assert [row["AccountID"] for row in sap.stored("CorporateAccountCollection")] == [made["AccountID"]]
    assert "__metadata" not in sap.stored("CorporateAccount")[0]
    assert sap.http.get("/_sandbox/records/Nope").status_code == 404
    assert sap.http.post("/_sandbox/settings", json={"nope": 1}).status_code == 422
    sap.set(single_results=False)
    sap.http.post("/_sandbox/reset")
    assert sap.stored("CorporateAccount") == []
    assert sap.http.get("/_sandbox/settings").get_json()["single_results"] is True
    assert {row["UserID"] for row in sap.stored("BusinessUser")} >= {"MIKE", "SALES_ONLY", "NORTH"}


def test_wrong_controls_say_so(sap: Client) -> None:
    assert sap.http.post("/_sandbox/lock", json={"entity": "Nope", "id": "1"}).status_code == 404
    assert sap.http.post("/_sandbox/lock", json={"entity": "Contact", "id": "1"}).status_code == 404
    assert sap.http.post("/_sandbox/event_notifications", json={"form": "x"}).status_code == 422
    first = sap.account()
    same = {"entity": "CorporateAccount", "winner": first["ObjectID"], "loser": first["AccountID"]}
    assert sap.http.post("/_sandbox/merge", json=same).status_code == 422


def test_catalogue_and_seed() -> None:
    assert (SANDBOXES[NAME].port, SANDBOXES[NAME].create_app) == (PORT, create_app)
    demo = Client(seed="demo")
    counts = {name: len(demo.stored(name)) for name in ("CorporateAccount", "Contact", "IndividualCustomer",
                                                        "ServiceRequest", "Product", "CustomerOrder")}  # fmt: skip
    assert counts == {"CorporateAccount": 3, "Contact": 3, "IndividualCustomer": 2, "ServiceRequest": 2, "Product": 3,
                      "CustomerOrder": 0}  # fmt: skip


def test_pages_and_the_mashup() -> None:
    sap = Client(seed="demo")
    account = next(row for row in sap.stored("CorporateAccount") if row["City"] == "Berlin")
    order = sap.order({"NetAmount": "1234.5", "ProductID": "MUG-01"}, BuyerPartyID=account["AccountID"])
    assert "Nordlicht Dekor GmbH" in sap.http.get("/CorporateAccount").text
    path = f"/CorporateAccount/{account['ObjectID']}"
    page = sap.http.get(path).text
    assert "No mashup has been authored" in page and order["ID"] in page and "1,234.50 GBP" in page
    sap.control("mashup", url="http://app.example/panel?tenant=1")
    framed = sap.http.get(path).text.partition('<iframe src="')[2].partition('"')[0].replace("&amp;", "&")
    assert framed == (
        f"http://app.example/panel?tenant=1&object=CorporateAccount&id={account['ObjectID']}"
        f"&account={account['AccountID']}&email=info%40nordlicht.example&user=mike"
    )
    for name in ("IndividualCustomer", "Contact", "CustomerOrder", "ServiceRequest"):
        assert sap.http.get(f"/{name}").status_code == 200
        row = sap.stored(name)[0]
        found = sap.http.get(f"/{name}/{row['ObjectID']}").text
        assert f"object={name}&amp;id={row['ObjectID']}&amp;account=100" in found
    assert sap.http.get("/").status_code == 200
    assert sap.http.get("/Lead").status_code == 404
    assert sap.http.get("/Contact/nope").status_code == 404


def test_twenty_orders_of_twenty_five_lines_in_one_batch(sap: Client) -> None:
    sap.product()
    buyer = sap.account()["AccountID"]
    line = {"ProductID": "MUG", "Quantity": "1", "NetAmount": "1.01", "TaxAmount": "0.20"}
    body = {"BuyerPartyID": buyer, "CurrencyCode": "GBP", "CustomerOrderItem": [line] * 25}
    inner = change_set(http_request("POST", "CustomerOrderCollection", body))
    parts = batch(sap, *[inner] * 20)
    assert [statuses(part) for part in parts] == [[201]] * 20
    orders = sap.ask("CustomerOrderCollection", f"BuyerPartyID eq '{buyer}'")
    assert {order["GrossAmount"] for order in orders} == {"30.250000"}
    assert len(sap.stored("CustomerOrderItem")) == 500
