"""`/api/backfills`: history that is loaded on request: counted and foreseen, started, paused, resumed, cancelled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.api.connections import own_connection
from app.api.limits import ID, LARGEST, a_day, an_id
from app.api.listing import label_of
from app.api.paging import Paged, paged
from app.api.problems import refuse
from app.db import now
from app.models import Backfill, BackfillState, Connection, Store, User
from app.runtime import runtime
from app.sync import backfills, days, forecast, progress
from app.sync.backfills import KINDS, PARCELS_DAYS, Choice, NotNow
from app.sync.progress import Tally

PAGE, LONGEST_PAGE = 20, 100
MOST = 100  # statuses or channels of one choice
SECOND = timedelta(seconds=1)  # the store takes the last second of a range as part of it
NOT_THERE = "There is no such load of history in this store."
STEPS = {
    "start": backfills.start, "pause": backfills.pause, "resume": backfills.resume, "cancel": backfills.cancel
}  # fmt: skip

blueprint = Blueprint("api-backfills", __name__, url_prefix="/api", description="History loaded on request")


class FilterSchema(Schema):
    connection_id = fields.Integer(load_default=None, validate=an_id)


class BackfillWishSchema(Schema):
    class Meta:
        unknown = RAISE  # a misspelt filter must not load everything

    kinds = fields.List(fields.String(validate=validate.OneOf(KINDS)), required=True, validate=validate.Length(min=1))
    since = fields.Date(
        load_default=None, allow_none=True, validate=a_day, metadata={"description": "By the store's clock"}
    )
    until = fields.Date(
        load_default=None, allow_none=True, validate=a_day, metadata={"description": "This day included"}
    )
    statuses = fields.List(
        fields.String(validate=validate.Regexp(r"\d{1,4}\Z")),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "Numbers of order statuses; none: all"},
    )
    channels = fields.List(
        fields.String(validate=validate.Regexp(r"\d{1,9}\Z")),
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "Numbers of storefronts; none: those of the connection"},
    )
    min_total = fields.Decimal(
        load_default=None, allow_none=True, as_string=True, validate=validate.Range(min=0, max=10**12)
    )
    parcels_days = fields.Integer(
        load_default=PARCELS_DAYS,
        validate=validate.Range(min=0, max=36_500),
        metadata={"description": "Orders older than this come without their parcels, which cost a call each"},
    )

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        """The range must not end before it begins."""
        if data.get("since") and data.get("until") and data["until"] < data["since"]:
            raise ValidationError("Ends before it begins.", "until")


class BackfillCallsSchema(Schema):
    store = fields.Integer()
    crm = fields.Integer()


class BackfillForecastSchema(Schema):
    records = fields.Dict(keys=fields.String(), values=fields.Integer())
    calls = fields.Nested(BackfillCallsSchema)
    seconds = fields.Integer()
    finishes_at = fields.AwareDateTime(allow_none=True, metadata={"description": "If it were started now"})
    fits = fields.Boolean(metadata={"description": "Within what history may still call today"})
    words = fields.String()


class BackfillKindSchema(Schema):
    total = fields.Integer()
    asked = fields.Integer()
    done = fields.Integer()
    failed = fields.Integer()


class BackfillProgressSchema(BackfillKindSchema):
    percent = fields.Float()
    seconds = fields.Integer(metadata={"description": "That it has run, without pauses"})
    seconds_left = fields.Integer(allow_none=True)
    per_minute = fields.Float()
    kinds = fields.Dict(keys=fields.String(), values=fields.Nested(BackfillKindSchema))


class BackfillSchema(Schema):
    id = fields.Integer()
    connection_id = fields.Integer()
    vendor = fields.String()
    vendor_label = fields.String()
    state = fields.String()
    kinds = fields.List(fields.String())
    since = fields.Date(allow_none=True)
    until = fields.Date(allow_none=True)
    filters = fields.Dict(keys=fields.String())
    forecast = fields.Nested(BackfillForecastSchema)
    progress = fields.Nested(BackfillProgressSchema)
    problem = fields.String()
    created_by = fields.String()
    created_at = fields.AwareDateTime()
    started_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class BackfillsSchema(Paged):
    items = fields.List(fields.Nested(BackfillSchema))


@blueprint.route(f"/connections/<{ID}:connection_id>/backfills")
class WishResource(MethodView):
    @blueprint.arguments(BackfillWishSchema)
    @blueprint.response(201, BackfillSchema)
    def post(self, wish: dict[str, Any], connection_id: int) -> dict[str, Any]:
        """Choose what to load. It is counted first; nothing is sent before it is started."""
        with runtime().database.reading() as session:
            own_connection(session, connection_id)
            store = session.get_one(Store, g.session.store_id)
            person = session.scalar(
                select(User.email).where(User.id == g.session.user_id, User.store_id == g.session.store_id)
            )
        try:
            number = backfills.create(runtime(), connection_id, _choice(wish, store), person or "")
        except NotNow as refusal:
            refuse(409, refusal.message)
        return _answer(number)


@blueprint.route("/backfills")
class BackfillsResource(MethodView):
    @blueprint.arguments(FilterSchema, location="query")
    @blueprint.response(200, BackfillsSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(self, wanted: dict[str, Any], pagination_parameters: PaginationParameters) -> dict[str, Any]:
        """Loads of history of the store, the newest first."""
        pages, conditions = pagination_parameters, _conditions(wanted["connection_id"])
        with runtime().database.reading() as session:
            total = session.scalar(select(func.count()).select_from(Backfill).where(*conditions)) or 0
            query = select(Backfill).where(*conditions).order_by(Backfill.created_at.desc(), Backfill.id.desc())
            rows = session.scalars(query.offset(min(pages.first_item, LARGEST)).limit(pages.page_size)).all()
            items = _described(session, rows)
        return paged(pages, items, total)


@blueprint.route(f"/backfills/<{ID}:backfill_id>")
class BackfillResource(MethodView):
    @blueprint.response(200, BackfillSchema)
    def get(self, backfill_id: int) -> dict[str, Any]:
        """One load of history: how far it is, and how long it still takes."""
        return _answer(backfill_id)


@blueprint.route(f"/backfills/<{ID}:backfill_id>/<any({', '.join(STEPS)}):step>")
class StepResource(MethodView):
    @blueprint.response(200, BackfillSchema)
    def post(self, backfill_id: int, step: str) -> dict[str, Any]:
        """Start, pause, resume or cancel it."""
        with runtime().database.reading() as session:
            _own(session, backfill_id)
        try:
            STEPS[step](runtime(), backfill_id)
        except NotNow as refusal:
            refuse(409, refusal.message)
        return _answer(backfill_id)


def _choice(wish: Mapping[str, Any], store: Store) -> Choice:
    least: Decimal | None = wish["min_total"]
    return Choice(
        wish["kinds"],
        days.moment(store, wish["since"], time()) if wish["since"] else None,
        days.moment(store, wish["until"] + timedelta(days=1), time()) - SECOND if wish["until"] else None,
        {
            "statuses": wish["statuses"],
            "channels": wish["channels"],
            "min_total": None if least is None else f"{least:.2f}",
            "parcels_days": wish["parcels_days"],
        },
    )


def _conditions(connection_id: int | None) -> list[ColumnElement[bool]]:
    own = [Backfill.store_id == g.session.store_id]
    return own if connection_id is None else [*own, Backfill.connection_id == connection_id]


def _own(session: Session, backfill_id: int) -> Backfill:
    row = session.scalar(select(Backfill).where(Backfill.id == backfill_id, Backfill.store_id == g.session.store_id))
    if row is None:
        refuse(404, NOT_THERE)
    return row


def _answer(backfill_id: int) -> dict[str, Any]:
    with runtime().database.reading() as session:
        return _described(session, [_own(session, backfill_id)])[0]


def _described(session: Session, rows: Sequence[Backfill]) -> list[dict[str, Any]]:
    tallies = progress.tallies(session, [row.id for row in rows])
    store = session.get_one(Store, g.session.store_id)
    found = session.execute(select(Connection.id, Connection.vendor).where(Connection.store_id == g.session.store_id))
    vendors = {connection_id: vendor for connection_id, vendor in found}
    return [_shown(row, tallies[row.id], vendors[row.connection_id], store) for row in rows]


def _shown(row: Backfill, tally: Tally, vendor: str, store: Store) -> dict[str, Any]:
    columns = {column.name: getattr(row, column.name) for column in Backfill.__table__.columns}
    return {
        **columns,
        "vendor": vendor,
        "vendor_label": label_of(vendor),
        "since": _day(row.since, store),
        "until": _day(row.until, store),
        "forecast": {**row.forecast, "finishes_at": _finishes_at(row)} if row.forecast else {},
        "progress": progress.measure(row, tally, now()).described(),
    }


def _day(moment: datetime | None, store: Store) -> date | None:
    return None if moment is None else days.today(store, moment)


def _finishes_at(row: Backfill) -> datetime | None:
    """Counted from its start, or, before that, from now."""
    if row.state in (BackfillState.READY, BackfillState.RUNNING):
        return forecast.ends_at(row.forecast["seconds"], row.started_at or now())
    return None
