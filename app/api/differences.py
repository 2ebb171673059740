"""`/api/connections/<id>/differences`: every order that is not the same in the store and in the CRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import Schema, fields, validate
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.api.amounts import amount_text
from app.api.connections import own_connection
from app.api.limits import ID, LARGEST, storable
from app.api.listing import crm_page, store_page
from app.api.paging import Paged, paged
from app.models import Connection, Delivery, Difference, DifferenceKind, Link, LinkState, State, Store
from app.runtime import runtime
from app.sync.repairing import ORDER

PAGE, LONGEST_PAGE = 50, 400
OPEN, SETTLED = "open", "settled"

blueprint = Blueprint("api-differences", __name__, url_prefix="/api/connections", description="Orders that differ")


class DifferenceFilterSchema(Schema):
    day = fields.Date(load_default=None)
    currency = fields.String(load_default="", validate=[validate.Length(max=3), storable])
    state = fields.String(load_default=OPEN, validate=validate.OneOf((OPEN, SETTLED)))


class OfDeliverySchema(Schema):
    id = fields.Integer()
    state = fields.String()
    error_code = fields.String()


class DifferenceSchema(Schema):
    id = fields.Integer()
    order_id = fields.String()
    day = fields.Date()
    kind = fields.String()
    currency = fields.String()
    store_net = fields.String(allow_none=True)
    crm_net = fields.String(allow_none=True)
    drift = fields.String()
    found_at = fields.AwareDateTime()
    settled_at = fields.AwareDateTime(allow_none=True)
    crm_url = fields.String(allow_none=True)
    store_url = fields.String(allow_none=True)
    is_deleted = fields.Boolean(
        metadata={"description": "People deleted it in the CRM: only a person has it brought again"}
    )
    delivery = fields.Nested(
        OfDeliverySchema, allow_none=True,
        metadata={"description": "The latest; null for one that was done before the order was found to differ"},
    )  # fmt: skip


class DifferencesSchema(Paged):
    items = fields.List(fields.Nested(DifferenceSchema))


@blueprint.route(f"/<{ID}:connection_id>/differences")
class DifferencesResource(MethodView):
    @blueprint.arguments(DifferenceFilterSchema, location="query")
    @blueprint.response(200, DifferencesSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(
        self, wanted: dict[str, Any], connection_id: int, pagination_parameters: PaginationParameters
    ) -> dict[str, Any]:
        """Orders that differ, or did; the latest day first."""
        pages = pagination_parameters
        with runtime().database.reading() as session:
            connection = own_connection(session, connection_id)
            conditions = _of_differences(connection_id, wanted)
            total = session.scalar(select(func.count()).select_from(Difference).where(*conditions)) or 0
            newest = select(Difference).where(*conditions).order_by(Difference.day.desc(), Difference.id.desc())
            rows = session.scalars(newest.offset(min(pages.first_item, LARGEST)).limit(pages.page_size)).all()
            items = _described(session, connection, rows)
        return paged(pages, items, total)


def _of_differences(connection_id: int, wanted: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    is_open = Difference.settled_at.is_(None)
    conditions = [Difference.connection_id == connection_id, is_open if wanted["state"] == OPEN else ~is_open]
    conditions += [Difference.day == wanted["day"]] if wanted["day"] is not None else []
    conditions += [Difference.currency == wanted["currency"].upper()] if wanted["currency"] else []
    return conditions


def _described(session: Session, connection: Connection, rows: Sequence[Difference]) -> list[dict[str, Any]]:
    ids = [row.order_id for row in rows]
    latest = _deliveries(session, connection.id, ids)
    known = _links(session, connection.id, ids)
    panel = session.get_one(Store, connection.store_id).control_panel_url
    found = []
    for row in rows:
        link = known.get(row.order_id)
        is_deleted = row.kind == DifferenceKind.MISSING and link is not None and link.state == LinkState.GONE
        found.append({
            "id": row.id,
            "order_id": row.order_id,
            "day": row.day,
            "kind": row.kind,
            "currency": row.currency,
            "store_net": None if row.store_net is None else amount_text(row.store_net, row.currency),
            "crm_net": None if row.crm_net is None else amount_text(row.crm_net, row.currency),
            "drift": amount_text((row.crm_net or Decimal(0)) - (row.store_net or Decimal(0)), row.currency),
            "found_at": row.found_at,
            "settled_at": row.settled_at,
            "crm_url": None if is_deleted else _crm_page(connection, row, link),
            "store_url": store_page(ORDER, row.order_id, panel),
            "is_deleted": is_deleted,
            "delivery": _since_found(row, latest.get(row.order_id)),
        })  # fmt: skip
    return found


def _deliveries(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, Delivery]:
    """The latest delivery of each order."""
    query = select(Delivery).where(
        Delivery.connection_id == connection_id, Delivery.kind == ORDER, Delivery.record_id.in_(ids)
    )
    return {row.record_id: row for row in session.scalars(query.order_by(Delivery.id))}


def _crm_page(connection: Connection, row: Difference, link: Link | None) -> str | None:
    """Where it is in the CRM: as it was found there, else as we know it."""
    kind, number = (row.their_kind, row.their_id) if row.their_id or link is None else (link.their_kind, link.their_id)
    return crm_page(connection.vendor, connection.instance_url, kind, number)


def _since_found(row: Difference, delivery: Delivery | None) -> Delivery | None:
    """What was done before says nothing about the repair; what failed or waits does."""
    is_earlier = delivery is not None and delivery.state == State.DONE and delivery.changed_at < row.found_at
    return None if is_earlier else delivery


def _links(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, Link]:
    query = select(Link).where(Link.connection_id == connection_id, Link.kind == ORDER, Link.our_id.in_(ids))
    return {link.our_id: link for link in session.scalars(query)}
