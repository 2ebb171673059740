"""Metafields of orders, customers and products in V3: the same routes three times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from .dates import now
from .envelope import json_array, json_object, object_id, v3_cursor_list, v3_one
from .errors import ApiError, invalid
from .filters import Kind, select
from .records import Json
from .state import State

PERMISSIONS = ("app_only", "read", "write", "read_and_sf_access", "write_and_sf_access")
LENGTHS = {"namespace": 64, "key": 64, "value": 65535}
MOST = 250  # per resource and client
BATCH = 10
WRITABLE = ("permission_set", "namespace", "key", "value", "description")
FILTERS: dict[str, Kind] = {
    "key": "text",
    "namespace": "text",
    "resource_id": "number",
    "date_modified": "date",
    "date_created": "date",
}


@dataclass(frozen=True)
class Resource:
    """What the metafields hang on."""

    name: str
    rows: Mapping[int, Any]
    state: State

    def of(self, number: int | None = None) -> list[Json]:
        """The caller's own metafields and those it may read, of one record or of all."""
        client, state = g.account.client_id, self.state
        if number is None:
            rows = [row for row in state.metafields.values() if row["resource_type"] == self.name]
        else:
            rows = [state.metafields[one] for one in state.metafields_of[self.name, number]]
        return [row for row in rows if row["owner_client_id"] == client or row["permission_set"] != "app_only"]


def blueprint(state: State) -> Blueprint:
    """All routes for all three."""
    routes = Blueprint("metafields_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3")
    for name, path in (("order", "orders"), ("customer", "customers"), ("product", "catalog/products")):
        _single(routes, state, name, path)
        _batch(routes, state, name, path)
    return routes


def _resource(state: State, name: str) -> Resource:
    # Looked up per call: a reset replaces the tables.
    tables: dict[str, Mapping[int, Any]] = {
        "order": state.orders,
        "customer": state.customers,
        "product": state.products,
    }
    return Resource(name, tables[name], state)


def _single(routes: Blueprint, state: State, name: str, path: str) -> None:
    def collection(number: int) -> ResponseReturnValue:
        resource = _resource(state, name)
        if number not in resource.rows:
            raise ApiError(404)
        if request.method == "POST":
            return v3_one(_create(resource, number, json_object()))
        return v3_cursor_list(select(resource.of(number), request.args, FILTERS), dict)

    def item(number: int, metafield_id: int) -> ResponseReturnValue:
        resource = _resource(state, name)
        row = next((row for row in resource.of(number) if row["id"] == metafield_id), None)
        if row is None:
            raise ApiError(404)
        if request.method == "GET":
            return v3_one(row)
        if request.method == "PUT":
            return v3_one(_update(resource, row, json_object()))
        _delete(resource, row)
        return "", 204

    routes.add_url_rule(f"/{path}/<int:number>/metafields", f"{name}_fields", collection, methods=["GET", "POST"])
    routes.add_url_rule(
        f"/{path}/<int:number>/metafields/<int:metafield_id>", f"{name}_field", item, methods=["GET", "PUT", "DELETE"]
    )


def _batch(routes: Blueprint, state: State, name: str, path: str) -> None:
    def batch() -> ResponseReturnValue:
        resource = _resource(state, name)
        if request.method == "GET":
            return v3_cursor_list(select(resource.of(), request.args, FILTERS), dict)
        if request.method == "DELETE":
            return _each(request.get_json(), lambda number: _delete_by_id(resource, number))
        if request.method == "POST":
            return _each(json_array(BATCH), lambda body: _create(resource, object_id(body.get("resource_id")), body))
        return _each(json_array(BATCH), lambda body: _update_by_id(resource, body))

    routes.add_url_rule(f"/{path}/metafields", f"{name}_batch", batch, methods=["GET", "POST", "PUT", "DELETE"])


def _each(entries: list[Any], write: Any) -> ResponseReturnValue:
    done: list[Any] = []
    errors: list[Json] = []
    for entry in entries:
        try:
            done.append(write(entry))
        except ApiError as error:
            errors.append({"status": error.status, "title": error.title, "type": "", "errors": error.errors or {}})
    meta = {"total": len(entries), "success": len(done), "failed": len(errors)}
    # Partial success is a 422 here: what was written is in `data` all the same.
    return jsonify(data=done, errors=errors, meta=meta), 422 if errors else 200


def _create(resource: Resource, number: int, body: Json) -> Json:
    if number not in resource.rows:
        raise ApiError(404)
    _check(body, ("permission_set", "namespace", "key", "value"))
    own = [row for row in resource.of(number) if row["owner_client_id"] == g.account.client_id]
    if any((row["namespace"], row["key"]) == (body["namespace"], body["key"]) for row in own):
        raise ApiError(409, "A metafield with this namespace and key exists.", {"key": "duplicate"})
    if len(own) >= MOST:
        raise invalid("resource_id", f"A resource may have {MOST} metafields.")
    moment = now().isoformat()
    row: Json = {
        "id": resource.state.next_id("metafields"),
        **{name: body.get(name, "") for name in WRITABLE},
        "resource_type": resource.name,
        "resource_id": number,
        "owner_client_id": g.account.client_id,
        "date_created": moment,
        "date_modified": moment,
    }
    resource.state.metafields[row["id"]] = row
    resource.state.metafields_of[resource.name, number].append(row["id"])
    _emit(resource, row, "created")
    return row


def _update(resource: Resource, row: Json, body: Json) -> Json:
    _check(body, ())
    _check_owner(row)
    row.update({name: body[name] for name in WRITABLE if name in body})
    row["date_modified"] = now().isoformat()
    _emit(resource, row, "updated")
    return row


def _update_by_id(resource: Resource, body: Json) -> Json:
    row = resource.state.metafields.get(object_id(body.get("id")))
    if row is None or row["resource_type"] != resource.name:
        raise ApiError(404)
    return _update(resource, row, body)


def _delete(resource: Resource, row: Json) -> None:
    _check_owner(row)
    del resource.state.metafields[row["id"]]
    resource.state.metafields_of[resource.name, row["resource_id"]].remove(row["id"])
    _emit(resource, row, "deleted")


def _check_owner(row: Json) -> None:
    own = row["owner_client_id"] == g.account.client_id
    if not own and not row["permission_set"].startswith("write"):
        raise ApiError(403, "Only the client that made the metafield may write it.")


def _delete_by_id(resource: Resource, number: int) -> int:
    row = resource.state.metafields.get(object_id(number))
    if row is None or row["resource_type"] != resource.name:
        raise ApiError(404)
    _delete(resource, row)
    return number


def _check(body: Json, required: tuple[str, ...]) -> None:
    for name in required:
        if not body.get(name):
            raise invalid(name, f"The {name} is required.")
    for name, longest in LENGTHS.items():
        if name in body and (not isinstance(body[name], str) or not 1 <= len(body[name]) <= longest):
            raise invalid(name, f"The {name} must be a text of 1 to {longest} characters.")
    if "permission_set" in body and body["permission_set"] not in PERMISSIONS:
        raise invalid("permission_set", "The permission_set is not known.")


def _emit(resource: Resource, row: Json, event: str) -> None:
    data = {"metafield_id": row["id"], "resource_id": str(row["resource_id"])}
    resource.state.emit(f"store/{resource.name}/metafield/{event}", data)
    resource.state.emit(f"store/metafield/{event}", {**data, "resource_type": resource.name})
