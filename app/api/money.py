"""`/api/connections/<id>/money`: the proof of money by day and currency, and every order that makes a difference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.api.amounts import amount_text
from app.api.connections import own_connection
from app.api.limits import ID, a_day, storable
from app.api.paging import Paged, paged
from app.api.problems import refuse
from app.errors import Rejected
from app.models import Comparison, ConnectionState, DayTotal, Difference, User
from app.runtime import runtime
from app.sync import comparing, comparisons, coverage
from app.sync.days import zone_of

PAGE, LONGEST_PAGE = 50, 400
LONGEST_RUN = 400  # days
MOST_ORDERS = 1_000
OPEN, SETTLED = "open", "settled"
NOT_A_CRM = "There is no such connection in this store."

blueprint = Blueprint("api-money", __name__, url_prefix="/api/connections", description="The proof of money")


class DaysSchema(Schema):
    since = fields.Date(load_default=None)
    until = fields.Date(load_default=None, metadata={"description": "This day included"})


class TotalSchema(Schema):
    currency = fields.String()
    store_orders = fields.Integer()
    crm_orders = fields.Integer()
    store_total = fields.String()
    crm_total = fields.String()
    drift = fields.String(metadata={"description": "What the CRM has more than the store"})
    differences = fields.Integer(metadata={"description": "Orders that differ; together they make up the drift"})


class DayTotalSchema(TotalSchema):
    day = fields.Date()
    checked_at = fields.AwareDateTime()


class RunSchema(Schema):
    id = fields.Integer()
    state = fields.String()
    since = fields.Date()
    until = fields.Date()
    asked_by = fields.String(metadata={"description": "Empty: nobody, it was its time"})
    is_nightly = fields.Boolean(metadata={"description": "Else it looks again at what was asked for or repaired"})
    days = fields.Integer()
    days_done = fields.Integer()
    orders = fields.Integer()
    differences = fields.Integer()
    repaired = fields.Integer(metadata={"description": "Orders that are brought anew"})
    problem = fields.String()
    started_at = fields.AwareDateTime()
    finished_at = fields.AwareDateTime(allow_none=True)


class ProofSchema(Paged):
    items = fields.List(fields.Nested(DayTotalSchema))
    totals = fields.List(fields.Nested(TotalSchema))
    covered_since = fields.Date(
        allow_none=True,
        metadata={"description": "Orders placed from this day on have to be there; older ones need not. Null: all"},
    )
    run = fields.Nested(RunSchema, allow_none=True)


class CheckSchema(Schema):
    class Meta:
        unknown = RAISE

    since = fields.Date(required=True, validate=a_day)
    until = fields.Date(required=True, validate=a_day)

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        """Raise ValidationError for a range that is none, or too long."""
        if not data["since"] <= data["until"]:
            raise ValidationError("The first day is after the last one.", "since")
        if (data["until"] - data["since"]).days >= LONGEST_RUN:
            raise ValidationError(f"At most {LONGEST_RUN} days are compared at once.", "since")


class RepairSchema(Schema):
    class Meta:
        unknown = RAISE

    order_ids = fields.List(
        fields.String(validate=[validate.Length(min=1, max=32), storable]),
        required=True,
        allow_none=True,
        validate=validate.Length(max=MOST_ORDERS),
        metadata={"description": "Null: all that differ"},
    )


class RepairedSchema(Schema):
    requested = fields.Integer(metadata={"description": "Orders that are brought anew; those there twice are not"})


@blueprint.route(f"/<{ID}:connection_id>/money")
class MoneyResource(MethodView):
    @blueprint.arguments(DaysSchema, location="query")
    @blueprint.response(200, ProofSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(
        self, wanted: dict[str, Any], connection_id: int, pagination_parameters: PaginationParameters
    ) -> dict[str, Any]:
        """Both sides by day and currency as they were last compared, the latest day first, and the last run."""
        pages = pagination_parameters
        with runtime().database.reading() as session:
            connection = own_connection(session, connection_id)
            conditions = _of_days(DayTotal, connection_id, wanted)
            newest = select(DayTotal).where(*conditions).order_by(DayTotal.day.desc(), DayTotal.currency)
            rows = session.scalars(newest).all()
            chosen = rows[pages.first_item : pages.first_item + pages.page_size]
            numbers = _numbers(session, connection_id, wanted)
            run, covered = comparisons.latest(session, connection_id), coverage.since(session, connection)
            zone = zone_of(connection.store)
        items = [_day(row, numbers.get((row.day, row.currency), 0)) for row in chosen]
        return {
            **paged(pages, items, len(rows)),
            "totals": _totals(rows, numbers),
            "covered_since": None if covered == coverage.ALWAYS else covered.astimezone(zone).date(),
            "run": None if run is None else _run(run),
        }


@blueprint.route(f"/<{ID}:connection_id>/money/check")
class CheckResource(MethodView):
    @blueprint.arguments(CheckSchema)
    @blueprint.response(202, RunSchema)
    @blueprint.alt_response(409, description="A comparison is under way, or the connection is not live")
    def post(self, body: dict[str, Any], connection_id: int) -> dict[str, Any]:
        """Compare both sides over some days; what differs is repaired."""
        with runtime().database.reading() as session:
            connection = own_connection(session, connection_id)
            user = session.get(User, g.session.user_id)
        if connection.state != ConnectionState.LIVE:
            refuse(409, "The connection is not live: what is there cannot be read.")
        try:
            asked_by = user.email if user is not None else ""
            run = comparisons.start(runtime(), connection_id, body["since"], body["until"], asked_by or "user")
        except Rejected as error:
            refuse(error.status or 422, error.message)
        return _run(run)


@blueprint.route(f"/<{ID}:connection_id>/money/repair")
class RepairResource(MethodView):
    @blueprint.arguments(RepairSchema)
    @blueprint.response(200, RepairedSchema)
    def post(self, body: dict[str, Any], connection_id: int) -> dict[str, int]:
        """Bring orders that differ anew, also those that failed for good or that somebody deleted in the CRM."""
        with runtime().database.reading() as session:
            own_connection(session, connection_id)
        return {"requested": comparisons.repair_open(runtime(), connection_id, body["order_ids"])}


def _of_days(
    table: type[DayTotal | Difference], connection_id: int, wanted: Mapping[str, Any]
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [table.connection_id == connection_id]
    conditions += [table.day >= wanted["since"]] if wanted["since"] is not None else []
    conditions += [table.day <= wanted["until"]] if wanted["until"] is not None else []
    return conditions


def _numbers(session: Session, connection_id: int, wanted: Mapping[str, Any]) -> dict[tuple[date, str], int]:
    """How many orders differ, by day and currency."""
    query = (
        select(Difference.day, Difference.currency, func.count())
        .where(Difference.settled_at.is_(None), *_of_days(Difference, connection_id, wanted))
        .group_by(Difference.day, Difference.currency)
    )
    return {(day, currency): number for day, currency, number in session.execute(query)}


def _day(row: DayTotal, differences: int) -> dict[str, Any]:
    counts = {"store_orders": row.store_orders, "crm_orders": row.crm_orders}
    amounts = _amounts(row.currency, row.store_total, row.crm_total)
    return {"day": row.day, **counts, **amounts, "differences": differences, "checked_at": row.checked_at}


def _totals(rows: Iterable[DayTotal], numbers: Mapping[tuple[date, str], int]) -> list[dict[str, Any]]:
    """All pages together, by currency; added up here, for SQLite has no exact decimals."""
    found: dict[str, tuple[int, int, Decimal, Decimal]] = {}
    for row in rows:
        ours, theirs, here, there = found.get(row.currency, (0, 0, Decimal(0), Decimal(0)))
        found[row.currency] = (
            ours + row.store_orders, theirs + row.crm_orders, here + row.store_total, there + row.crm_total
        )  # fmt: skip
    differ = Counter[str]()
    for (_, currency), number in numbers.items():
        differ[currency] += number
    return [
        {
            "store_orders": ours, "crm_orders": theirs, **_amounts(currency, here, there),
            "differences": differ[currency],
        }
        for currency, (ours, theirs, here, there) in sorted(found.items())
    ]  # fmt: skip


def _amounts(currency: str, here: Decimal, there: Decimal) -> dict[str, str]:
    amounts = {"store_total": here, "crm_total": there, "drift": there - here}
    return {"currency": currency, **{name: amount_text(amount, currency) for name, amount in amounts.items()}}


def _run(run: Comparison) -> dict[str, Any]:
    columns = {column.name: getattr(run, column.name) for column in Comparison.__table__.columns}
    return {**columns, "days": len(comparing.days_of(run))}
