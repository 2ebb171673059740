"""Event notifications as the stand-in sends them, read by us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue

import pytest

from app.connectors.base import Ref
from app.connectors.sap_sales_cloud.notice import read
from tests.contract.salesforce.records import customer, order, product
from tests.contract.sap_sales_cloud.tenant import Tenant

Bodies = SimpleQueue[bytes]


@pytest.fixture
def consumer() -> Iterator[tuple[str, Bodies]]:
    """A consumer's address, and the bodies that reach it."""
    bodies: Bodies = SimpleQueue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", bodies
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("form", ["external", "btp"])
def test_what_people_change_is_named(tenant: Tenant, consumer: tuple[str, Bodies], form: str) -> None:
    address, bodies = consumer
    tenant.write(customer())
    tenant.write(product(7), product(8))
    tenant.write(order())
    tenant.control("event_notifications", url=address, form=form, enhanced=True)
    changes = {"IndividualCustomer": {"Phone": "1"}, "CustomerOrder": {"Name": "x"}, "Product": {"Description": "x"}}
    for entity, values in changes.items():
        there = tenant.rows(entity)[0]["ObjectID"]
        tenant.edit(entity, there, **values)
        notice = read("", bodies.get(timeout=60))
        assert notice.refs == (Ref(entity, there),) and notice.event_id and notice.scope.endswith("Updated")
    assert tenant.sap.subscribe(address) == ""
    tenant.sap.unsubscribe(address)
