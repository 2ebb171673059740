"""Answers: one entity, a list, a value, the service document; as JSON or Atom."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from app.sandbox.sap_sales_cloud import atom
from app.sandbox.sap_sales_cloud.calls import Call, Outcome, listed
from app.sandbox.sap_sales_cloud.errors import JSON_TYPE
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.representation import Shape, expand_tree
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant

ATOM_ENTRY = "application/atom+xml;type=entry;charset=utf-8"
ATOM_FEED = "application/atom+xml;type=feed;charset=utf-8"


class Found:
    """Rows that a query found, as an answer."""

    def __init__(self, tenant: Tenant, call: Call, target: EntityType) -> None:
        self._tenant = tenant
        self._call = call
        self._entity = target
        query = call.query
        self._shape = Shape(
            tenant, call, target, expand_tree(query.get("$expand", "")), listed(query.get("$select", ""))
        )

    def one(self, row: Row) -> Outcome:
        """A single entity."""
        shown = self._shape.show(row)
        etag = shown["__metadata"]["etag"]
        return entity(self._tenant, self._call, self._shape, lambda: row, 200, lambda: {"etag": etag})

    def many(self, rows: list[Row], count: int | None, next_row: int) -> Outcome:
        """A list with, if asked for, the number of all, and the address of the next page."""
        results = [self._shape.show(row) for row in rows]
        following = self._next(next_row) if next_row else ""
        if not self._call.wants_json:
            body = atom.feed(self._entity, self._call.base, results, count, following)
            return Outcome(200, lambda: body, ATOM_FEED)
        found: dict[str, Any] = {"results": results}
        if count is not None:
            found["__count"] = str(count)
        if following:
            found["__next"] = following
        return document_of(found)

    def _next(self, row: int) -> str:
        query = {k: v for k, v in self._call.query.items() if k not in ("$skip", "$skiptoken")}
        text = "&".join(f"{quote(k, safe='$')}={quote(v, safe='')}" for k, v in query.items())
        return f"{self._call.base}{quote(self._call.path.strip('/'))}?{text}{'&' if text else ''}$skiptoken={row}"


def entity(
    tenant: Tenant,
    call: Call,
    shape: Shape,
    row: Callable[[], Row],
    status: int,
    headers: Callable[[], dict[str, str]],
    made: str = "",
) -> Outcome:
    """One entity as an answer, written when it is asked for."""
    if not call.wants_json:
        return Outcome(status, lambda: atom.entry(shape.entity, shape.show(row())), ATOM_ENTRY, headers, made)
    single = tenant.switches.single_results

    def body() -> str:
        shown = shape.show(row())
        return json.dumps({"d": {"results": shown} if single else shown}, ensure_ascii=False)

    return Outcome(status, body, JSON_TYPE, headers, made)


def document_of(found: Any) -> Outcome:
    """`d` with its content."""
    body = json.dumps({"d": found}, ensure_ascii=False)
    return Outcome(200, lambda: body, JSON_TYPE)


def document(found: Any, single: bool) -> Outcome:
    """A single thing under `d`, or under `d.results` as the vendor puts it."""
    return document_of({"results": found} if single else found)


def text(value: str) -> Outcome:
    """A bare value."""
    return Outcome(200, lambda: value, "text/plain;charset=utf-8")


def service_document(tenant: Tenant, call: Call) -> Outcome:
    """The names of the sets."""
    names = list(tenant.schema.sets)
    if call.wants_json:
        return document_of({"EntitySets": names})
    return Outcome(200, lambda: atom.service(call.base, names), "application/atomsvc+xml;charset=utf-8")
