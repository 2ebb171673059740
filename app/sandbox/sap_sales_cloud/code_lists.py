"""Code lists as read-only entity sets."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from app.sandbox.sap_sales_cloud import atom, codes, filters, rendering
from app.sandbox.sap_sales_cloud.calls import Call, Outcome, listed, number
from app.sandbox.sap_sales_cloud.errors import ApiError, missing
from app.sandbox.sap_sales_cloud.filters import Dialect
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.paths import Segment, quoted
from app.sandbox.sap_sales_cloud.queries import inline_count, order
from app.sandbox.sap_sales_cloud.tenant import Tenant


def answer(tenant: Tenant, call: Call, entity: EntityType, segments: list[Segment]) -> Outcome:
    """A code list, one of its entries, or how many it has."""
    if call.method != "GET":
        raise ApiError(405, "Code lists are read-only")
    first, *rest = segments
    rows = _rows(entity, call.language)
    if first.key is not None:
        key = {("Code" if name == "" else name): value for name, value in first.key.items()}
        found = next((row for row in rows if all(row.get(n) == v for n, v in key.items())), None)
        if found is None or rest:
            raise missing()
        shown = _shown(call, first.name, entity, found, [])
        return rendering.document(shown, tenant.switches.single_results)
    rows = _asked(tenant, call, entity, rows)
    if rest:
        return rendering.text(str(len(rows)))
    start, top = number(call.query, "$skip") or 0, number(call.query, "$top")
    part = rows[start:] if top is None else rows[start : start + top]
    results = [_shown(call, first.name, entity, row, listed(call.query.get("$select", ""))) for row in part]
    count = len(rows) if inline_count(call.query) else None
    if not call.wants_json:
        body = atom.feed(entity, call.base, results, count, "")
        return Outcome(200, lambda: body, rendering.ATOM_FEED)
    return rendering.document_of({"results": results} | ({} if count is None else {"__count": str(count)}))


def _rows(entity: EntityType, language: str) -> list[dict[str, str]]:
    by_context = codes.contextual(entity.code_list)
    if by_context is not None:
        return [
            {"Context": context, "Code": code, "Description": text}
            for context, entries in by_context.items()
            for code, text in entries.items()
        ]
    found = codes.entries(entity.code_list, language) or {}
    return [{"Code": code, "Description": text} for code, text in found.items()]


def _asked(tenant: Tenant, call: Call, entity: EntityType, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    text = call.query.get("$filter", "")
    if text.strip():
        wanted = filters.parse(text, entity, Dialect(tenant.switches.filter_ne, tenant.switches.substringof))
        rows = [row for row in rows if wanted.test(row.get)]
    for name, descending in reversed(order(entity, call.query.get("$orderby", ""))):
        rows = sorted(rows, key=lambda row: row[name], reverse=descending)
    return rows


def _shown(call: Call, set_name: str, entity: EntityType, row: dict[str, str], select: list[str]) -> dict[str, Any]:
    if len(entity.key) == 1:
        key = quoted(row["Code"])
    else:
        key = ",".join(f"{name}={quoted(row[name])}" for name in entity.key)
    uri = f"{call.base}{set_name}({quote(key, safe=chr(39) + '=,')})"
    picked = {name: value for name, value in row.items() if not select or name in select}
    return {"__metadata": {"uri": uri, "type": f"c4codata.{entity.name}"}, **picked}
