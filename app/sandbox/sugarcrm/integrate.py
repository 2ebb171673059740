"""Upserts and relationships by external key; for administrators only."""

from __future__ import annotations

from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, forbidden, invalid, missing
from app.sandbox.sugarcrm.router import Answer, Call, Route
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import record_view

SYNC_KEY = "sync_key"
CONTROL = ("sync_key_field_name", "sync_key_field_value", "fields")


class Integrate:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def _find(self, call: Call, module: str, field: str, value: str) -> Row | None:
        if not call.actor.admin:
            raise forbidden("Only administrators can access this endpoint.")
        known = self._site.schema.need(module).fields.get(field)
        if known is None or not known.stored or not (known.indexed or field == "id"):
            raise invalid(f"{field} is no key field of module: {module}")
        if not value:
            raise missing("sync_key_field_value")
        table = self._site.tables[module]
        if field == "id":
            return table.rows.get(value)
        return next(iter(table.find(field, value)), None)

    def _need(self, call: Call, module: str, field: str, value: str) -> Row:
        row = self._find(call, module, field, value)
        if row is None:
            raise ApiError("not_found", f"Could not find record with {field}: {value} in module: {module}")
        return row

    def _named(self, call: Call, params: dict[str, str]) -> tuple[str, str, str]:
        """Module, key field and value, from the path or from the body."""
        field = params.get("field") or call.args.get("sync_key_field_name") or SYNC_KEY
        value = params.get("value") or call.args.get("sync_key_field_value") or ""
        return params["module"], str(field), str(value)

    def _answer(self, call: Call, module: str, row: Row) -> Any:
        names = call.args.get("fields")
        if not names:
            return row["id"]
        listed = names if isinstance(names, list) else str(names).split(",")
        shown = record_view(self._site, call.actor, module, row, [n.strip() for n in listed])
        return {n.strip(): shown.get(n.strip(), "") for n in listed}

    def upsert(self, call: Call, **params: str) -> Answer:
        """201 with a new record, 200 with a changed one."""
        module, field, value = self._named(call, params)
        row = self._find(call, module, field, value)
        body = {k: v for k, v in call.data.items() if k not in CONTROL}
        created = row is None
        if row is None:
            row = self._api.linker.create(call.actor, module, {**body, field: value})
        else:
            self._api.linker.update(call.actor, module, row, {k: v for k, v in body.items() if k != field})
        self._api.settle(call.actor)
        return Answer({"record": self._answer(call, module, row)}, 201 if created else 200)

    def read(self, call: Call, **params: str) -> Row:
        """The record with a key."""
        module, field, value = self._named(call, params)
        names = call.args.get("fields")
        listed = str(names).split(",") if names else None
        return {"record": record_view(self._site, call.actor, module, self._need(call, module, field, value), listed)}

    def delete(self, call: Call, **params: str) -> Row:
        """Delete the record with a key."""
        module, field, value = self._named(call, params)
        row = self._need(call, module, field, value)
        self._api.saver.erase(call.actor, module, row)
        self._api.settle(call.actor)
        return {"record": row["id"]}

    def adopt(self, call: Call, record_id: str, **params: str) -> Row:
        """The only way to give an existing record a key."""
        module, field, value = self._named(call, params)
        self._find(call, module, field, value)  # for its refusals
        row = self._site.need(call.actor, module, record_id)
        self._api.saver.modify(call.actor, module, row, {field: value})
        self._api.settle(call.actor)
        return {"success": True}

    def link(self, call: Call, module: str, link: str, left: str, right: str, **fields: str) -> Row:
        """Relate or unrelate two records by their keys; 422 when either is unknown."""
        row = self._find(call, module, fields.get("left_field", SYNC_KEY), left)
        found = self._site.schema.link(module, link)
        other = self._find(call, found.target, fields.get("right_field", SYNC_KEY), right)
        if row is None or other is None:
            raise invalid("Could not find a record with one of the keys")
        if call.method == "DELETE":
            self._api.linker.unrelate(call.actor, found, row, other)
        else:
            self._api.linker.relate(call.actor, found, row, other, call.data)
        self._api.settle(call.actor)
        return {"record": row["id"], "related_record": other["id"]}


def routes(api: Api) -> list[Route]:
    """Keys."""
    handlers = Integrate(api)
    by_keys = "<module>/<left>/link_by_sync_keys/<link>/<right>"
    by_fields = "integrate/<module>/<left_field>/<left>/link/<link>/<right_field>/<right>"
    return [
        *(Route(m, "<module>/sync_key/<value>", handlers.upsert) for m in ("PATCH", "PUT")),
        *(Route("PATCH", f"integrate/<module>{tail}", handlers.upsert) for tail in ("", "/<field>/<value>")),
        *(Route("GET", f"integrate/<module>{tail}", handlers.read) for tail in ("", "/<field>/<value>")),
        *(Route("DELETE", f"integrate/<module>{tail}", handlers.delete) for tail in ("", "/<field>/<value>")),
        Route("PUT", "integrate/<module>/<record_id>", handlers.adopt),
        Route("PUT", "integrate/<module>/<record_id>/<field>/<value>", handlers.adopt),
        *(Route(m, by_keys, handlers.link) for m in ("POST", "DELETE")),
        *(Route(m, by_fields, handlers.link) for m in ("POST", "DELETE")),
    ]
