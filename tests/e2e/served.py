"""A bridge whose app is served: the store and the CRM reach it at its own address, as they do in production."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import requests
from flask import Flask

from app.connectors.sap_sales_cloud.names import EXTENSIONS
from app.connectors.sugarcrm.schema import FIELDS
from app.factory import create_app
from app.models import Connection, ConnectionState
from app.sandbox import bigcommerce, salesforce, sap_sales_cloud, sugarcrm
from app.sandbox.kit import Options
from app.sync import hooks
from tests.e2e.conftest import Bridge, build_bridge
from tests.sandbox.conftest import free_port, serving

STAND_INS: dict[str, Callable[[Options], Flask]] = {
    "salesforce": salesforce.create_app,
    "sugarcrm": sugarcrm.create_app,
    "sap-sales-cloud": sap_sales_cloud.create_app,
}
STUDIO = {"TextField": "varchar", "Currency": "currency", "DateTime": "datetime"}


@contextmanager
def bridge_to(vendor: str, database_url: str, redis_url: str, **switches: bool) -> Iterator[Bridge]:
    """An empty store and an empty CRM, connected and live; every change of a CRM is due to be asked for at any time."""
    with ExitStack() as stack:
        port = free_port()
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False, seed="empty", speed=50.0))
        crm_url = stack.enter_context(serving(STAND_INS[vendor], limits=False, seed="empty"))
        more = {"public_url": f"http://127.0.0.1:{port}", "poll_seconds": "0"} | _furnish(vendor, crm_url)
        bridge = build_bridge(database_url, redis_url, store_url, crm_url, vendor, **more)
        stack.callback(bridge.runtime.database.close)
        stack.enter_context(serving(lambda _: create_app(runtime=bridge.runtime), port=port))
        with bridge.runtime.database.transaction() as session:
            connection = session.get_one(Connection, bridge.connection_id)
            connection.switches, connection.state = switches, ConnectionState.LIVE
        hooks.ensure(bridge.runtime, bridge.store_id)
        yield bridge


def _furnish(vendor: str, url: str) -> dict[str, str]:
    """What the CRM's administrator does beforehand, as our advice says; settings that follow from it."""
    if vendor == "salesforce":
        port = requests.get(f"{url}/_sandbox/pubsub", timeout=30).json()["port"]
        return {"salesforce_pubsub": f"http://127.0.0.1:{port}"}
    if vendor == "sugarcrm":
        wanted = [{"module": one.module, "name": one.name, "type": STUDIO[one.type]} for one in FIELDS]
    else:
        wanted = [
            {"entity": entity, "name": name.removesuffix("_KUT")}
            for entity, names in EXTENSIONS.items()
            for name in names.values()
        ]
    for one in wanted:
        requests.post(f"{url}/_sandbox/fields", json=one, timeout=30).raise_for_status()
    return {}
