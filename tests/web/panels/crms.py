"""A CRM's stand-in and our app, connected through the real sign-in, for a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from app.connectors.registry import VENDORS
from app.models import Connection
from app.sync import accounts
from tests.sandbox.conftest import CreateApp, free_port, serving
from tests.web.panels import world as worlds
from tests.web.panels.browsing import serve
from tests.web.panels.world import JANE, World, order

PASSWORD = "sandbox-password"


@dataclass
class Site:
    """The stand-in and the app that it frames. To a browser 127.0.0.1 and localhost are two sites."""

    url: str
    panel_url: str
    world: World
    connection: Connection

    def records(self, name: str) -> list[dict[str, Any]]:
        """The stand-in's records of an object."""
        return list(requests.get(f"{self.url}/_sandbox/records/{name}", timeout=10).json())

    def control(self, path: str, **body: Any) -> None:
        """A switch of the stand-in."""
        requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=10).raise_for_status()

    def calls(self) -> list[str]:
        """The API calls since the last look."""
        found = requests.get(f"{self.url}/_sandbox/calls", timeout=10).json()["calls"]
        requests.delete(f"{self.url}/_sandbox/calls", timeout=10)
        return [f"{call['method']} {call['path']}" for call in found]


@contextmanager
def connected(
    database_url: str, create_app: CreateApp, vendor: str, host: str = "localhost", **form: str
) -> Iterator[Site]:
    """A seeded stand-in, and a store on it whose Jane has 15 orders."""
    port = free_port()
    panel_url = f"http://{host}:{port}"
    world = worlds.build(database_url, public_url=panel_url, allow_private_hosts="1")
    server = serve(world.app, port)
    with serving(create_app, app_url=panel_url) as url:
        store = world.store()
        known = VENDORS[vendor]
        made = accounts.sign_in(
            world.runtime, store.id, known, "production", {"url": url, "password": PASSWORD, **form}
        )
        with world.runtime.database.reading() as session:
            connection = session.get_one(Connection, made.connection_id)
        world.person(store, JANE)
        world.orders(store, *(order(n) for n in range(100, 115)))
        site = Site(url, panel_url, world, connection)
        site.calls()
        yield site
    server.shutdown()
    server.server_close()
    world.runtime.database.close()
