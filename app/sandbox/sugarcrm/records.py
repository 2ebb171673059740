"""Records over REST: lists, counts, create, read, change, delete, favourites, following, audit, look-alikes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, not_found
from app.sandbox.sugarcrm.listing import counted, listed, number, shown
from app.sandbox.sugarcrm.router import Call, Route
from app.sandbox.sugarcrm.saving import stale
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.values import as_moment, shower
from app.sandbox.sugarcrm.views import record_view

LOOKALIKE = {"Accounts": ("name",), "Contacts": ("first_name", "last_name"), "Leads": ("first_name", "last_name")}


class Records:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def list(self, call: Call, module: str) -> Row:
        """A page of a module."""
        self._site.schema.need(module)
        if module == "Currencies" and not self._site.switches.list_base_currency:
            call.query = {**call.query, "filter": [{"id": {"$not_equals": "-99"}}]}
        return listed(self._api, call.actor, module, call.args)

    def count(self, call: Call, module: str) -> Row:
        """How many records a filter finds."""
        self._site.schema.need(module)
        return {"record_count": counted(self._api, call.actor, module, call.args)}

    def create(self, call: Call, module: str) -> Row:
        """A new record, whole in the answer; the status is 200."""
        row = self._api.linker.create(call.actor, module, call.data)
        self._api.settle(call.actor)
        return record_view(self._site, call.actor, module, row)

    def read(self, call: Call, module: str, record_id: str) -> Row:
        """One record."""
        row = self._site.need(call.actor, module, record_id)
        if call.args.get("viewed"):
            self._site.viewed[call.actor.id][module, record_id] = self._site.now()
        return shown(self._api, call.actor, module, row, call.args)

    def change(self, call: Call, module: str, record_id: str) -> Row:
        """A record with what was sent changed; 409 if it changed since X-TIMESTAMP."""
        row = self._site.need(call.actor, module, record_id)
        if self._site.switches.conflict_check and stale(row, _timestamp(call)):
            current = record_view(self._site, call.actor, module, row)
            raise ApiError("edit_conflict", "Edit conflict: the record was changed.", extra={"record": current})
        self._api.linker.update(call.actor, module, row, call.data)
        self._api.settle(call.actor)
        return record_view(self._site, call.actor, module, row)

    def delete(self, call: Call, module: str, record_id: str) -> Row:
        """Soft delete."""
        row = self._site.need(call.actor, module, record_id)
        self._site.check_write(call.actor, module)
        self._api.saver.erase(call.actor, module, row)
        self._api.settle(call.actor)
        return {"id": record_id}

    def mark(self, call: Call, module: str, record_id: str, **_: str) -> Any:
        """Favourite and following, on and off."""
        row = self._site.need(call.actor, module, record_id)
        verb = call.path[-1]
        kept = self._site.favorites if verb.endswith("favorite") else self._site.follows
        entry = (call.actor.id, module, record_id)
        if call.method == "DELETE" or verb.startswith("un"):
            kept.discard(entry)
        else:
            kept.add(entry)
        if kept is self._site.follows:
            return True if call.method == "DELETE" else {"record": record_id, "following": entry in kept}
        return record_view(self._site, call.actor, module, row)

    def audit(self, call: Call, module: str, record_id: str) -> Row:
        """The change log, the newest first."""
        self._site.need(call.actor, module, record_id)
        entries = self._site.audit.get(record_id, [])[::-1]
        offset, most = number(call.args, "offset", 0), number(call.args, "max_num", 20)
        page = entries[offset : offset + most]
        following = offset + most if len(entries) > offset + most else -1
        return {"next_offset": following, "records": [self._audit_row(call, record_id, e) for e in page]}

    def _audit_row(self, call: Call, record_id: str, entry: Row) -> Row:
        show, zone = shower(entry["field"]), call.actor.zone
        user = self._site.tables["Users"].rows.get(entry["user"])
        return {
            "id": entry["id"],
            "parent_id": record_id,
            "date_created": entry["when"].astimezone(zone).isoformat(),
            "created_by": entry["user"],
            "created_by_username": user["user_name"] if user else "",
            "field_name": entry["field"].name,
            "data_type": entry["field"].type,
            "before": show(entry["before"], zone),
            "after": show(entry["after"], zone),
        }

    def lookalikes(self, call: Call, module: str) -> Row:
        """Records that may be the same as the candidate in the body."""
        self._site.schema.need(module)
        fields = [f for f in LOOKALIKE.get(module, ("name",)) if call.data.get(f)]
        criteria: list[Any] = [{"$and": [{f: {"$equals": call.data[f]}} for f in fields]}] if fields else []
        emails = call.data.get("email")
        for one in emails if isinstance(emails, list) else ():
            criteria.append({"email": one.get("email_address") if isinstance(one, dict) else one})
        if not criteria:
            return {"next_offset": -1, "records": []}
        return listed(self._api, call.actor, module, {"filter": [{"$or": criteria}]})

    def choices(self, call: Call, module: str, field: str) -> Any:
        """The keys and labels of a dropdown field."""
        found = self._site.schema.need(module).fields.get(field)
        options = self._site.schema.options(found) if found else None
        if options is None:
            raise not_found(module, field)
        return options

    def recent(self, call: Call, module: str = "") -> Row:
        """What this user viewed last."""
        viewed = sorted(self._site.viewed[call.actor.id].items(), key=lambda one: one[1], reverse=True)
        records = []
        for (name, record_id), _when in viewed[: number(call.args, "max_num", 20)]:
            row = self._site.tables[name].rows.get(record_id)
            if row and module in ("", name):
                records.append(record_view(self._site, call.actor, name, row))
        return {"next_offset": -1, "records": records}


def _timestamp(call: Call) -> datetime | None:
    given = call.headers.get("x-timestamp")
    try:
        return as_moment(given, call.actor.zone) if given else None
    except ValueError as error:
        raise ApiError("invalid_parameter", "X-TIMESTAMP is no date-time") from error


def routes(api: Api) -> list[Route]:
    """Records."""
    handlers = Records(api)
    marks = [
        Route(method, f"<module>/<record_id>/{verb}", handlers.mark)
        for method, verb in (
            ("PUT", "favorite"), ("PUT", "unfavorite"), ("DELETE", "favorite"),
            ("POST", "subscribe"), ("DELETE", "unsubscribe"),
        )
    ]  # fmt: skip
    return [
        *(Route(method, f"<module>/filter{tail}", handler)
          for method in ("GET", "POST") for tail, handler in (("", handlers.list), ("/count", handlers.count))),
        Route("GET", "<module>", handlers.list),
        Route("GET", "<module>/count", handlers.count),
        Route("POST", "<module>", handlers.create),
        Route("GET", "<module>/<record_id>", handlers.read),
        Route("PUT", "<module>/<record_id>", handlers.change),
        Route("DELETE", "<module>/<record_id>", handlers.delete),
        Route("GET", "<module>/<record_id>/audit", handlers.audit),
        Route("POST", "<module>/duplicateCheck", handlers.lookalikes),
        Route("GET", "<module>/enum/<field>", handlers.choices),
        Route("GET", "<module>/recent", handlers.recent),
        Route("GET", "recent", handlers.recent),
        *marks,
    ]  # fmt: skip
