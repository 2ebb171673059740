"""`/api/conflicts`: fields that were changed on both sides, with both values, for a person to settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.api.limits import LARGEST, an_id, storable
from app.api.listing import crm_page, label_of, store_page
from app.api.paging import Paged, paged
from app.mapping.merge import BIGCOMMERCE, CRM
from app.models import Conflict, ConflictState, Connection, Store, User
from app.runtime import runtime
from app.sync.conflicts import decide

PAGE, LONGEST_PAGE = 50, 250
MOST_IDS = 1_000

blueprint = Blueprint("api-conflicts", __name__, url_prefix="/api/conflicts", description="Edits on both sides")


class FilterSchema(Schema):
    connection_id = fields.Integer(load_default=None, validate=an_id)
    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in ConflictState]))
    q = fields.String(
        load_default="",
        validate=[validate.Length(max=200), storable],
        metadata={"description": "Part of a label or of a value, or a whole record id"},
    )


class ConflictSchema(Schema):
    id = fields.Integer()
    connection_id = fields.Integer()
    vendor = fields.String()
    vendor_label = fields.String()
    record_kind = fields.String()
    record_id = fields.String()
    label = fields.String()
    field = fields.String()
    bigcommerce = fields.String(attribute="ours")
    crm = fields.String(attribute="theirs")
    agreed = fields.String(allow_none=True, metadata={"description": "What both had before; null: they never agreed"})
    state = fields.String()
    winner = fields.String()
    settled_by = fields.String(metadata={"description": "`rule: <rule>`, `user: <id>`, `agreed`, or empty"})
    person = fields.String(metadata={"description": "Who that user is; empty: nobody, or gone"})
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    crm_url = fields.String(allow_none=True)
    store_url = fields.String(allow_none=True)


class ConflictsSchema(Paged):
    items = fields.List(fields.Nested(ConflictSchema))


class SettleSchema(Schema):
    class Meta:
        unknown = RAISE

    ids = fields.List(
        fields.Integer(strict=True, validate=an_id), required=True, validate=validate.Length(min=1, max=MOST_IDS)
    )
    winner = fields.String(required=True, validate=validate.OneOf((BIGCOMMERCE, CRM)))


class SettledSchema(Schema):
    settled = fields.Integer(metadata={"description": "How many were still open"})


@blueprint.route("")
class ConflictsResource(MethodView):
    @blueprint.arguments(FilterSchema, location="query")
    @blueprint.response(200, ConflictsSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(self, wanted: dict[str, Any], pagination_parameters: PaginationParameters) -> dict[str, Any]:
        """Conflicts of the store, what moved last first."""
        pages = pagination_parameters
        conditions = _conditions(wanted)
        with runtime().database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Conflict).where(*conditions)) or 0
            query = (
                select(Conflict, Connection.vendor, Connection.instance_url, Store.control_panel_url)
                .join(Connection, Connection.id == Conflict.connection_id)
                .join(Store, Store.id == Conflict.store_id)
                .where(*conditions)
                .order_by(Conflict.changed_at.desc(), Conflict.id.desc())
                .offset(min(pages.first_item, LARGEST))
                .limit(pages.page_size)
            )
            rows = list(session.execute(query))
            people = _people(session, [row[0] for row in rows])
        return paged(pages, [_described(*row, people) for row in rows], total)


@blueprint.route("/settle")
class SettleResource(MethodView):
    @blueprint.arguments(SettleSchema)
    @blueprint.response(200, SettledSchema)
    def post(self, body: dict[str, Any]) -> dict[str, int]:
        """Choose the side whose values stand; both ends are brought into step at once."""
        return {"settled": decide(runtime(), g.session.store_id, body["ids"], body["winner"], g.session.user_id)}


def _conditions(wanted: dict[str, Any]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Conflict.store_id == g.session.store_id]
    if wanted["connection_id"] is not None:
        conditions.append(Conflict.connection_id == wanted["connection_id"])
    if wanted["state"] is not None:
        conditions.append(Conflict.state == wanted["state"])
    text = wanted["q"].strip()
    if text:
        found = (column.icontains(text, autoescape=True) for column in (Conflict.label, Conflict.ours, Conflict.theirs))
        conditions.append(or_(Conflict.record_id == text, *found))
    return conditions


def _people(session: Session, conflicts: Sequence[Conflict]) -> dict[str, str]:
    """By how a conflict names them: the e-mail addresses of those who settled these."""
    ids = {
        int(number)
        for who, _, number in (conflict.settled_by.partition(": ") for conflict in conflicts)
        if who == "user" and number.isdigit()
    }
    found = session.execute(select(User.id, User.email).where(User.store_id == g.session.store_id, User.id.in_(ids)))
    return {f"user: {user_id}": email for user_id, email in found}


def _described(
    conflict: Conflict, vendor: str, instance_url: str, control_panel_url: str, people: Mapping[str, str]
) -> dict[str, Any]:
    columns = {column.name: getattr(conflict, column.name) for column in Conflict.__table__.columns}
    return {
        **columns,
        "vendor": vendor,
        "vendor_label": label_of(vendor),
        "person": people.get(conflict.settled_by, ""),
        "crm_url": crm_page(vendor, instance_url, conflict.their_kind, conflict.their_id),
        "store_url": store_page(conflict.record_kind, conflict.record_id, control_panel_url),
    }
