"""`/api/problems`: what does not go, grouped by cause, with the orders and the money that wait for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import Schema, fields, validate
from sqlalchemy import ColumnElement, and_, case, distinct, func, literal_column, or_, select
from sqlalchemy.orm import Session

from app.api.deliveries import DeliveryErrorSchema
from app.api.limits import an_id, storable
from app.api.listing import label_of
from app.api.overview import MONEY_CURRENCY, MONEY_SUM, newest_with_money
from app.api.paging import Paged, paged
from app.catalogue import explain
from app.connectors.registry import VENDORS
from app.domain.money import rounded
from app.models import Connection, Delivery, State
from app.runtime import runtime

PAGE, LONGEST_PAGE = 20, 100
LABELS = 3  # records that are named for each cause
WAITS = "wait"  # the remedy of what is tried again by itself
CAUSE = (Delivery.connection_id, Delivery.kind, Delivery.error_code, Delivery.error_field)
# With the empty text written out: only so do both databases see that the index of what has an error will do.
TROUBLED = (
    Delivery.error_code != literal_column("''"),
    or_(Delivery.state == State.DEAD, Delivery.state == State.WAITING),
)

Cause = tuple[int, str, str, str]

blueprint = Blueprint("api-problems", __name__, url_prefix="/api/problems", description="What does not go, by cause")


class ProblemFilterSchema(Schema):
    connection_id = fields.Integer(load_default=None, validate=an_id)
    q = fields.String(
        load_default="",
        validate=[validate.Length(max=200), storable],
        metadata={"description": "Part of a label or an error, or a whole code or record id"},
    )


class ProblemErrorSchema(DeliveryErrorSchema):
    remedy = fields.String()


class ProblemSchema(Schema):
    connection_id = fields.Integer()
    vendor = fields.String()
    vendor_label = fields.String()
    kind = fields.String()
    error = fields.Nested(ProblemErrorSchema)
    deliveries = fields.Integer(metadata={"description": "That need a person"})
    waiting = fields.Integer(metadata={"description": "That are tried again by themselves"})
    orders = fields.Integer()
    money = fields.Dict(keys=fields.String(), values=fields.String())
    oldest_at = fields.AwareDateTime()
    newest_at = fields.AwareDateTime()
    example = fields.Integer(metadata={"description": "The newest delivery of them"})
    labels = fields.List(fields.String())


class ProblemsSchema(Paged):
    items = fields.List(fields.Nested(ProblemSchema))


@blueprint.route("")
class ProblemsResource(MethodView):
    @blueprint.arguments(ProblemFilterSchema, location="query")
    @blueprint.response(200, ProblemsSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(self, wanted: dict[str, Any], pagination_parameters: PaginationParameters) -> dict[str, Any]:
        """Causes, whatever keeps back most records first."""
        pages = pagination_parameters
        with runtime().database.reading() as session:
            vendors = _vendors(session, wanted["connection_id"])
            conditions = _conditions(list(vendors), wanted["q"])
            causes = _causes(session, conditions)
            shown = causes[pages.first_item : pages.first_item + pages.page_size]
            money = _money(session, list(vendors), conditions) if shown else {}
            items = [_described(session, row, vendors, money, conditions) for row in shown]
        return paged(pages, items, len(causes))


def _vendors(session: Session, connection_id: int | None) -> dict[int, str]:
    """The store's connections with their vendors; only the one that was asked for."""
    query = select(Connection.id, Connection.vendor).where(
        Connection.store_id == g.session.store_id, Connection.vendor.in_(VENDORS)
    )
    if connection_id is not None:
        query = query.where(Connection.id == connection_id)
    return {row.id: row.vendor for row in session.execute(query)}


def _conditions(connection_ids: Sequence[int], text: str) -> list[ColumnElement[bool]]:
    conditions = [Delivery.store_id == g.session.store_id, Delivery.connection_id.in_(connection_ids), *TROUBLED]
    text = text.strip().lstrip("#")
    if text:
        found = (column.icontains(text, autoescape=True) for column in (Delivery.label, Delivery.error_message))
        conditions.append(or_(*found, Delivery.error_code == text, Delivery.record_id == text))
    return conditions


def _causes(session: Session, conditions: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    dead = func.count(case((Delivery.state == State.DEAD, 1)))
    newest = func.max(Delivery.id)
    return session.execute(
        select(
            *CAUSE,
            dead.label("dead"),
            (func.count() - dead).label("waiting"),
            func.count(distinct(case((Delivery.kind == "order", Delivery.record_id)))).label("orders"),
            func.max(Delivery.remedy).label("remedy"),  # of what waits it is empty
            func.min(Delivery.created_at).label("oldest_at"),
            func.max(Delivery.changed_at).label("newest_at"),
            newest.label("example"),
        )
        .where(*conditions)
        .group_by(*CAUSE)
        .order_by(dead.desc(), func.count().desc(), newest.desc())
    ).all()


def _money(
    session: Session, connection_ids: Sequence[int], conditions: Sequence[ColumnElement[bool]]
) -> dict[Cause, dict[str, str]]:
    found: dict[Cause, dict[str, str]] = defaultdict(dict)
    for *cause, code, total in session.execute(
        select(*CAUSE, MONEY_CURRENCY, MONEY_SUM)
        .where(*conditions, Delivery.id.in_(newest_with_money(connection_ids)))
        .group_by(*CAUSE, MONEY_CURRENCY)
        .order_by(MONEY_CURRENCY)
    ):
        connection_id, kind, error_code, field = cause
        found[(connection_id, kind, error_code, field)][code] = f"{rounded(Decimal(total), code):f}"
    return found


def _described(
    session: Session,
    row: Any,
    vendors: dict[int, str],
    money: dict[Cause, dict[str, str]],
    conditions: Sequence[ColumnElement[bool]],
) -> dict[str, Any]:
    same = and_(*(column == row[place] for place, column in enumerate(CAUSE)))
    labels = select(Delivery.label).where(*conditions, same, Delivery.label != "").order_by(Delivery.id).limit(LABELS)
    message = session.scalar(select(Delivery.error_message).where(Delivery.id == row.example))
    remedy, vendor = row.remedy or WAITS, vendors[row.connection_id]
    explanation = explain(row.error_code, remedy, vendor=vendor, dead=row.dead > 0)
    error = {
        "code": row.error_code, "field": row.error_field, "message": message, "remedy": remedy, **asdict(explanation),
    }  # fmt: skip
    return {
        **row._mapping,
        "vendor": vendor,
        "vendor_label": label_of(vendor),
        "error": error,
        "deliveries": row.dead,
        "money": money.get((row.connection_id, row.kind, row.error_code, row.error_field), {}),
        "labels": session.scalars(labels).all(),
    }
