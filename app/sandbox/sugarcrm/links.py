"""Relationships over REST."""

from __future__ import annotations

from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import missing
from app.sandbox.sugarcrm.fields import Link
from app.sandbox.sugarcrm.linking import many, split_id
from app.sandbox.sugarcrm.listing import counted, number, related_list
from app.sandbox.sugarcrm.router import Call, Route
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import record_view


class Links:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def _ends(self, call: Call, module: str, record_id: str, link: str) -> tuple[Row, Link]:
        row = self._site.need(call.actor, module, record_id)
        found = self._site.schema.link(module, link)
        self._site.check_module(call.actor, found.target)
        return row, found

    def _both(self, call: Call, link: Link, row: Row, other: Row) -> Row:
        self._api.settle(call.actor)
        roles = self._api.linker.roles(link, row, other)
        return {
            "record": record_view(self._site, call.actor, link.module, row),
            "related_record": {**record_view(self._site, call.actor, link.target, other), **roles},
        }

    def list(self, call: Call, module: str, record_id: str, link: str) -> Row:
        """The records behind a link."""
        row, found = self._ends(call, module, record_id, link)
        return related_list(self._api, call.actor, found, row, call.args)

    def count(self, call: Call, module: str, record_id: str, link: str) -> Row:
        """How many there are; the lean count stops at max_num."""
        row, found = self._ends(call, module, record_id, link)
        n = counted(self._api, call.actor, found.target, call.args, self._api.linker.related(found, row))
        most = number(call.args, "max_num", 20) if call.path[-1] == "leancount" else n
        return {"record_count": min(n, most), "has_more": n > most}

    def add(self, call: Call, module: str, record_id: str, link: str, other_id: str) -> Row:
        """Relate one record; the body holds roles."""
        row, found = self._ends(call, module, record_id, link)
        other = self._site.need(call.actor, found.target, other_id)
        self._api.linker.relate(call.actor, found, row, other, call.data)
        return self._both(call, found, row, other)

    def add_many(self, call: Call, module: str, record_id: str) -> Row:
        """Relate many: `link_name` and `ids`."""
        if not call.data.get("link_name"):
            raise missing("link_name")
        row, found = self._ends(call, module, record_id, str(call.data["link_name"]))
        related: list[Any] = []
        for one in many(call.data.get("ids")):
            other_id, roles = split_id(one)
            other = self._site.need(call.actor, found.target, other_id)
            self._api.linker.relate(call.actor, found, row, other, roles)
            related.append(other)
        self._api.settle(call.actor)
        return {
            "record": record_view(self._site, call.actor, module, row),
            "related_records": [record_view(self._site, call.actor, found.target, other) for other in related],
        }

    def create(self, call: Call, module: str, record_id: str, link: str) -> Row:
        """A new related record."""
        row, found = self._ends(call, module, record_id, link)
        other = self._api.linker.create_related(call.actor, found, row, call.data)
        return self._both(call, found, row, other)

    def remove(self, call: Call, module: str, record_id: str, link: str, other_id: str) -> Row:
        """Unrelate."""
        row, found = self._ends(call, module, record_id, link)
        other = self._site.need(call.actor, found.target, other_id)
        self._api.linker.unrelate(call.actor, found, row, other)
        return self._both(call, found, row, other)


def routes(api: Api) -> list[Route]:
    """Relationships."""
    handlers = Links(api)
    base = "<module>/<record_id>/link"
    return [
        Route("GET", f"{base}/<link>", handlers.list),
        Route("GET", f"{base}/<link>/count", handlers.count),
        Route("GET", f"{base}/<link>/leancount", handlers.count),
        Route("GET", f"{base}/<link>/filter", handlers.list),
        Route("POST", base, handlers.add_many),
        Route("POST", f"{base}/<link>", handlers.create),
        Route("POST", f"{base}/<link>/<other_id>", handlers.add),
        Route("PUT", f"{base}/<link>/<other_id>", handlers.add),
        Route("DELETE", f"{base}/<link>/<other_id>", handlers.remove),
    ]
