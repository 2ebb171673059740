"""The stand-in's own switches under `/_sandbox`, beside those every stand-in has."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, NotFound, UnprocessableEntity

from app.sandbox.sap_sales_cloud import merging
from app.sandbox.sap_sales_cloud.errors import ApiError
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.notifications import FORMS, Notifier, Subscription
from app.sandbox.sap_sales_cloud.parallel import Parallel
from app.sandbox.sap_sales_cloud.saving import saving
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import RecordLock, Tenant
from app.sandbox.sap_sales_cloud.users import USERS

STATUSES = {"approved": "4", "rejected": "5", "in_revision": "6", "in_approval": "3", "not_started": "1"}


def routes(tenant: Tenant, parallel: Parallel) -> Blueprint:
    """Settings, the thread counter, sessions."""
    control = Blueprint("sap_control", __name__, url_prefix="/_sandbox")
    control.register_error_handler(HTTPException, _told)

    @control.get("/settings")
    def show_settings() -> ResponseReturnValue:
        return jsonify(tenant.state())

    @control.post("/settings")
    def change_settings() -> ResponseReturnValue:
        try:
            with tenant.lock:
                tenant.switch(request.get_json())
        except KeyError as unknown:
            return jsonify(error=f"no setting {unknown}"), 422
        return jsonify(tenant.state())

    @control.get("/parallel")
    def show_parallel() -> ResponseReturnValue:
        return jsonify(max=parallel.most)

    @control.delete("/parallel")
    def forget_parallel() -> ResponseReturnValue:
        parallel.most = 0
        return "", 204

    @control.post("/session/expire")
    def expire_sessions() -> ResponseReturnValue:
        with tenant.lock:
            tenant.sessions.end_all()
        return "", 204

    return control


def notification_routes(tenant: Tenant, notifier: Notifier) -> Blueprint:
    """Consumers of event notifications."""
    control = Blueprint("sap_consumers", __name__, url_prefix="/_sandbox")
    control.register_error_handler(HTTPException, _told)

    @control.get("/event_notifications")
    def show_notifications() -> ResponseReturnValue:
        return jsonify(subscriptions=[one.__dict__ for one in notifier.subscriptions], sent=list(notifier.sent))

    @control.post("/event_notifications")
    def subscribe() -> ResponseReturnValue:
        body = request.get_json()
        unknown = set(body) - set(Subscription.__dataclass_fields__)
        if unknown or body.get("form", "external") not in FORMS or "url" not in body:
            return jsonify(error=f"unknown or missing: {', '.join(sorted(unknown)) or 'url, form'}"), 422
        with tenant.lock:
            notifier.subscriptions.append(Subscription(**{**body, "objects": tuple(body.get("objects", ()))}))
        return "", 204

    @control.delete("/event_notifications")
    def unsubscribe() -> ResponseReturnValue:
        with tenant.lock:
            notifier.subscriptions.clear()
            notifier.sent.clear()
        return "", 204

    return control


def record_routes(tenant: Tenant, notifier: Notifier) -> Blueprint:
    """Key users' fields, and merges."""
    control = Blueprint("sap_records", __name__, url_prefix="/_sandbox")
    control.register_error_handler(HTTPException, _told)

    @control.post("/fields")
    def add_field() -> ResponseReturnValue:
        body = request.get_json()
        length = int(body.get("length", 40))
        with tenant.lock:
            try:
                made = tenant.schema.add_extension(
                    body.get("entity", ""),
                    body.get("name", ""),
                    body.get("type", "String"),
                    length,
                )
            except ValueError as error:
                raise UnprocessableEntity(str(error)) from error
            if made.indexed:
                tenant.table(_entity(tenant, body)).index(made.name)
        return jsonify(name=made.name), 201

    @control.post("/empty")
    def empty() -> ResponseReturnValue:
        # {"entities": [...], "keep": [ObjectIDs]}: their rows and those below are gone as if they had never been
        body = request.get_json()
        with tenant.lock:
            tenant.record_locks.clear()
            tenant.empty(body["entities"], frozenset(body.get("keep", ())))
        return "", 204

    @control.post("/merge")
    def merge() -> ResponseReturnValue:
        body = request.get_json()
        with tenant.lock:
            entity = _entity(tenant, body)
            winner, loser = (_row(tenant, entity, str(body.get(who, ""))) for who in ("winner", "loser"))
            try:
                with saving(tenant, USERS["mike"], notifier.saved, system=True) as save:
                    moved = merging.merge(save, entity, winner, loser)
            except ApiError as error:
                raise UnprocessableEntity(error.message) from error
        return jsonify(moved=moved)

    return control


def document_routes(tenant: Tenant, notifier: Notifier) -> Blueprint:
    """Locks, versions, approvals, mashups."""
    control = Blueprint("sap_documents", __name__, url_prefix="/_sandbox")
    control.register_error_handler(HTTPException, _told)

    @control.post("/lock")
    def lock() -> ResponseReturnValue:
        body = request.get_json()
        with tenant.lock:
            row = _row(tenant, _entity(tenant, body), str(body.get("id", "")))
            tenant.record_locks.append(RecordLock(row["ObjectID"], int(body.get("times", 1))))
        return "", 204

    @control.post("/touch")
    def touch() -> ResponseReturnValue:
        # a technical change: the version moves, nothing else does
        body = request.get_json()
        with tenant.lock:
            entity = _entity(tenant, body)
            row = _row(tenant, entity, str(body.get("id", "")))
            tenant.table(entity).put({**row, "ETag": tenant.now()})
            tenant.db.commit()
        return "", 204

    @control.post("/approve")
    def approve() -> ResponseReturnValue:
        # what the approver does in the UI
        body = request.get_json()
        status = STATUSES.get(body.get("status", "approved"))
        with tenant.lock:
            entity = _entity(tenant, body)
            row = _row(tenant, entity, str(body.get("id", "")))
            if status is None or "ApprovalStatusCode" not in entity.properties:
                raise UnprocessableEntity(f"status is one of {', '.join(STATUSES)}, of a document with approval")
            with saving(tenant, USERS["mike"], notifier.saved, system=True) as save:
                touched = save.touch(entity, row, "Updated")
                touched.fields["ApprovalStatusCode"] = (row.get("ApprovalStatusCode"), status)
                save.put(entity, {**row, "ApprovalStatusCode": status})
        return "", 204

    @control.post("/mashup")
    def set_mashup() -> ResponseReturnValue:
        with tenant.lock:
            tenant.mashup_url = str(request.get_json().get("url", ""))
        return "", 204

    return control


def _entity(tenant: Tenant, body: dict[str, Any]) -> EntityType:
    found = tenant.schema.find(str(body.get("entity", "")))
    if found is None:
        raise NotFound(f"no entity {body.get('entity')}")
    return found


def _row(tenant: Tenant, entity: EntityType, any_id: str) -> Row:
    found = tenant.find_row(entity, any_id)
    if found is None:
        raise NotFound(f"no {entity.name} {any_id}")
    return found


def _told(error: HTTPException) -> ResponseReturnValue:
    return jsonify(error=error.description), error.code or 500
