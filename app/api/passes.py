"""`/api/connections/<id>/passes`: who may open the panel in a CRM that does not sign its launches."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.limits import ID, storable
from app.api.problems import refuse
from app.models import Connection, PanelPass
from app.models.store import COLLECTING
from app.runtime import runtime
from app.ui import passes

VENDOR = "sap-sales-cloud"
NOT_THERE = "There is no connected CRM with panel passes of this number in this store."

blueprint = Blueprint("api-passes", __name__, url_prefix="/api/connections", description="Who may open the panel")


class PassSchema(Schema):
    id = fields.Integer()
    user_id = fields.String(metadata={"description": "The CRM's id of the person"})
    user_name = fields.String()
    made_at = fields.AwareDateTime()
    expires_at = fields.AwareDateTime(metadata={"description": "Of the code, then of the device"})
    seen_at = fields.AwareDateTime(allow_none=True, metadata={"description": "When the device last opened the panel"})
    is_paired = fields.Boolean(metadata={"description": "Whether the code was used"})


class PassesSchema(Schema):
    url = fields.String(metadata={"description": "The address of the mashup, to which the CRM adds object and id"})
    items = fields.List(fields.Nested(PassSchema))


class PersonSchema(Schema):
    class Meta:
        unknown = RAISE

    user_id = fields.String(required=True, validate=[validate.Length(min=1, max=64), storable])
    user_name = fields.String(load_default="", validate=[validate.Length(max=255), storable])


class CodeSchema(Schema):
    id = fields.Integer(attribute="pass_id")
    code = fields.String(metadata={"description": "Shown this once; to be typed into the panel"})
    expires_at = fields.AwareDateTime()


@blueprint.route(f"/<{ID}:connection_id>/passes")
class PassesResource(MethodView):
    @blueprint.response(200, PassesSchema)
    def get(self, connection_id: int) -> dict[str, Any]:
        """Everybody with a pass, and the address of the panel."""
        with runtime().database.reading() as session:
            connection = _connection(session, connection_id)
            query = urlencode({"tenant": passes.tenant_of(connection)})
            return {
                "url": runtime().settings.absolute(f"/panels/{VENDOR}?{query}"),
                "items": [_described(row) for row in passes.listed(session, connection.id)],
            }

    @blueprint.arguments(PersonSchema)
    @blueprint.response(201, CodeSchema)
    def post(self, person: dict[str, str], connection_id: int) -> passes.Code:
        """A code for a person of the CRM, good once and for a day."""
        with runtime().database.reading() as session:
            _connection(session, connection_id)
        return passes.invite(runtime(), connection_id, person["user_id"], person["user_name"])


@blueprint.route(f"/<{ID}:connection_id>/passes/<{ID}:pass_id>")
class PassResource(MethodView):
    @blueprint.response(204)
    def delete(self, connection_id: int, pass_id: int) -> None:
        """End a pass: its code and its device open nothing any more."""
        with runtime().database.reading() as session:
            _connection(session, connection_id)
        passes.revoke(runtime(), connection_id, pass_id)


def _connection(session: Session, connection_id: int) -> Connection:
    connection = session.scalar(
        select(Connection).where(
            Connection.id == connection_id,
            Connection.store_id == g.session.store_id,
            Connection.vendor == VENDOR,
            Connection.state.in_(COLLECTING),
        )
    )
    if connection is None:
        refuse(404, NOT_THERE)
    return connection


def _described(row: PanelPass) -> dict[str, str | int | bool | datetime | None]:
    return {
        "id": row.id,
        "user_id": row.user_id,
        "user_name": row.user_name,
        "made_at": row.made_at,
        "expires_at": row.expires_at,
        "seen_at": row.seen_at,
        "is_paired": row.device_hash is not None,
    }
