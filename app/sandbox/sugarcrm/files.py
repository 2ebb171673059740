"""Files of notes and documents."""

from __future__ import annotations

import mimetypes
import uuid

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, missing, not_found
from app.sandbox.sugarcrm.router import Answer, Call, Route
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import record_view


class Files:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def _field(self, call: Call, module: str, record_id: str, field: str) -> Row:
        row = self._site.need(call.actor, module, record_id)
        known = self._site.schema.modules[module].fields.get(field)
        if known is None or known.type != "file":
            raise ApiError("not_found", f"Could not find a file field named: {field}")
        return row

    def upload(self, call: Call, module: str, record_id: str, field: str) -> Row:
        """A file by multipart under the field's name, or as the raw body with `filename` in the query."""
        row = self._field(call, module, record_id, field)
        name, content = _uploaded(call, field)
        self._site.files[record_id, field] = content
        about = _about(name, content)
        self._api.saver.store(call.actor, module, row, {**about, field: name})
        shown = {"content-type": about["file_mime_type"], "content-length": len(content), "name": name}
        uri = f"{self._site.options.url}/rest/{call.version}/{module}/{record_id}/file/{field}"
        record = record_view(self._site, call.actor, module, row)
        return {field: {**shown, "uri": uri}, "record": record}

    def download(self, call: Call, module: str, record_id: str, field: str) -> Answer:
        """The file as it is."""
        row = self._field(call, module, record_id, field)
        content = self._site.files.get((record_id, field))
        if content is None:
            raise not_found(module, record_id)
        kind = row["file_mime_type"] or "application/octet-stream"
        return Answer(content, headers={"Content-Type": kind})

    def delete(self, call: Call, module: str, record_id: str, field: str) -> Row:
        """Take the file away."""
        row = self._field(call, module, record_id, field)
        self._site.files.pop((record_id, field), None)
        self._api.saver.store(call.actor, module, row, {field: None, "file_size": None, "file_mime_type": None})
        return {"record": record_view(self._site, call.actor, module, row)}

    def park(self, call: Call, module: str, field: str) -> Row:
        """A file for a record that does not exist yet: its guid goes in `filename_guid`."""
        name, content = _uploaded(call, field)
        guid = str(uuid.uuid4())
        self._site.files[guid, field] = content
        return {field: {"guid": guid, "name": name}, "record": {"id": guid, field: name}}

    def create(self, call: Call, module: str) -> Row:
        """A note or document, with the file parked for it."""
        row = self._api.linker.create(call.actor, module, call.data)
        content = self._site.files.pop((str(call.data.get("filename_guid")), "filename"), None)
        if content is not None:
            self._site.files[row["id"], "filename"] = content
            self._api.saver.store(call.actor, module, row, _about(str(row["filename"] or ""), content))
        self._api.settle(call.actor)
        return record_view(self._site, call.actor, module, row)


def _uploaded(call: Call, field: str) -> tuple[str, bytes]:
    sent = call.files.get(field)
    if sent is not None:
        return sent.filename or field, sent.read()
    if call.method == "PUT":
        return str(call.query.get("filename") or field), call.raw
    raise missing(field)


def _about(name: str, content: bytes) -> Row:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"file_mime_type": kind, "file_size": len(content)}


def routes(api: Api) -> list[Route]:
    """Files."""
    handlers = Files(api)
    path = "<module>/<record_id>/file/<field>"
    return [
        *(Route(m, path, handlers.upload) for m in ("POST", "PUT")),
        Route("GET", path, handlers.download),
        Route("DELETE", path, handlers.delete),
        Route("POST", "<module>/temp/file/<field>", handlers.park),
        *(Route("POST", module, lambda call, m=module: handlers.create(call, m)) for module in ("Notes", "Documents")),
    ]
