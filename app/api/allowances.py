"""`/api/connections/<id>/allowance`: the calls that a CRM allows in a day, our share of them, and when it would end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import select

from app.api.connections import own_connection
from app.api.limits import ID, LARGEST
from app.api.problems import refuse
from app.connectors.registry import SOURCE, VENDORS, Vendor
from app.db import now
from app.models import Connection
from app.runtime import runtime
from app.sync import rolling
from app.sync.allowances import Day, change, day
from app.sync.budgets import Budget, Lane, window

HOURS = 24

blueprint = Blueprint("api-allowances", __name__, url_prefix="/api/connections", description="Calls to the CRMs")


class ForecastSchema(Schema):
    calls_per_hour = fields.Float(metadata={"description": "Our pace of the last hours"})
    runs_out_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the share is used up at that pace; null: not within a day"}
    )
    words = fields.String()


class LaneSchema(Schema):
    lane = fields.String(validate=validate.OneOf([lane.name.lower() for lane in Lane]))
    open = fields.Boolean()
    until = fields.AwareDateTime(allow_none=True, metadata={"description": "Until when it is shut"})


class HourSchema(Schema):
    hour = fields.AwareDateTime(metadata={"description": "Its start"})
    calls = fields.Integer()


class StoreWindowSchema(Schema):
    quota = fields.Integer(allow_none=True, metadata={"description": "Calls of a window, of all apps of the store"})
    left = fields.Integer(allow_none=True)
    window_seconds = fields.Float(allow_none=True)
    resets_at = fields.AwareDateTime(allow_none=True)
    ours_last_hour = fields.Integer()


class AllowanceSchema(Schema):
    vendor = fields.String()
    vendor_label = fields.String()
    tells = fields.Boolean(metadata={"description": "Whether the CRM tells its maximum; else a person may type it"})
    maximum = fields.Integer(allow_none=True, metadata={"description": "Calls in 24 hours"})
    used = fields.Integer(allow_none=True, metadata={"description": "By everybody, as the CRM told last"})
    told_at = fields.AwareDateTime(allow_none=True)
    share = fields.Integer(metadata={"description": "Percent of the maximum that are never exceeded"})
    ours = fields.Integer(metadata={"description": "Our calls of the last 24 hours"})
    allowed = fields.Integer(allow_none=True, metadata={"description": "Our share in calls"})
    forecast = fields.Nested(ForecastSchema)
    lanes = fields.List(fields.Nested(LaneSchema), metadata={"description": "The most urgent first"})
    hours = fields.List(fields.Nested(HourSchema), metadata={"description": "The oldest first"})
    store = fields.Nested(StoreWindowSchema)


class ChangeAllowanceSchema(Schema):
    class Meta:
        unknown = RAISE

    share = fields.Integer(strict=True, validate=validate.Range(min=1, max=100))
    maximum = fields.Integer(strict=True, allow_none=True, validate=validate.Range(min=1, max=LARGEST))


@blueprint.route(f"/<{ID}:connection_id>/allowance")
class AllowanceResource(MethodView):
    @blueprint.response(200, AllowanceSchema)
    def get(self, connection_id: int) -> dict[str, Any]:
        """What is allowed, what was used, and what that comes to."""
        return _described(connection_id)

    @blueprint.arguments(ChangeAllowanceSchema)
    @blueprint.response(200, AllowanceSchema)
    def put(self, body: dict[str, Any], connection_id: int) -> dict[str, Any]:
        """Change the share; and the maximum, where the CRM does not tell it. What is left out stays."""
        with runtime().database.transaction() as session:
            connection = own_connection(session, connection_id)
            vendor = VENDORS[connection.vendor]
            if "maximum" in body and vendor.tells_allowance:
                refuse(422, f"{vendor.label} tells its own maximum with every answer, so it cannot be typed in.")
            change(session, connection_id, body)
        return _described(connection_id)


def _described(connection_id: int) -> dict[str, Any]:
    current, at = runtime(), now()
    with current.database.reading() as session:
        connection = own_connection(session, connection_id)
        vendor, found = VENDORS[connection.vendor], day(session, connection_id)
        own = select(Connection.id).where(Connection.store_id == connection.store_id, Connection.vendor == SOURCE)
        store_id = session.scalars(own).one()
        store_day = day(session, store_id)
    hours = [rolling.hour_of(at) - back * rolling.HOUR for back in range(HOURS - 1, -1, -1)]
    return {
        "vendor": vendor.name,
        "vendor_label": vendor.label,
        "tells": vendor.tells_allowance,
        "maximum": found.maximum,
        "used": found.used,
        "told_at": found.told_at,
        "share": found.share,
        "ours": rolling.in_day(found.hours, at),
        "allowed": found.allowed,
        "forecast": _forecast(vendor, found, at),
        "lanes": _lanes(connection_id, store_id),
        "hours": [{"hour": hour, "calls": found.hours.get(hour, 0)} for hour in hours],
        "store": _store(store_id, store_day, at),
    }


def _forecast(vendor: Vendor, found: Day, at: datetime) -> dict[str, Any]:
    pace = rolling.pace(found.hours, at)
    out = None if found.allowed is None else rolling.runs_out(found.hours, found.allowed, at)
    return {"calls_per_hour": round(pace, 1), "runs_out_at": out, "words": _words(vendor, found, pace, out, at)}


def _words(vendor: Vendor, found: Day, pace: float, out: datetime | None, at: datetime) -> str:
    if found.allowed is None:
        if vendor.tells_allowance:
            return f"{vendor.label} tells its daily maximum with its first answer."
        return f"{vendor.label} tells no daily maximum. If your contract names one, type it in, and our share is kept."
    share = f"our share of {found.allowed:,} calls a day"
    if found.is_crowded():
        return f"Nearly all calls that {vendor.label} allows are used up, by whomever. Storeline looks again soon."
    if out is None:
        return f"At about {pace:,.0f} calls an hour, {share} is not used up within a day."
    if out <= at:
        free = rolling.free_at(found.hours, found.allowed, at)
        return f"All of {share} is used up. Calls are free again in {_lasting(free - at)}."
    return f"At about {pace:,.0f} calls an hour, {share} is used up in {_lasting(out - at)}."


def _lasting(time: timedelta) -> str:
    minutes = max(round(time / timedelta(minutes=1)), 1)
    if minutes < 90:
        return f"about {minutes} minute{'s' if minutes > 1 else ''}"
    return f"about {round(minutes / 60)} hours"


def _lanes(connection_id: int, store_id: int) -> list[dict[str, Any]]:
    """Open only if both ends take its calls."""
    shut = [Budget(runtime(), one).shut() for one in (connection_id, store_id)]
    lanes = []
    for lane in Lane:
        until = max((end[lane] for end in shut if lane in end), default=None)
        lanes.append({"lane": lane.name.lower(), "open": until is None, "until": until})
    return lanes


def _store(store_id: int, found: Day, at: datetime) -> dict[str, Any]:
    known = window(runtime(), store_id)
    return {
        "quota": known and known.quota,
        "left": known and known.left,
        "window_seconds": known and known.seconds,
        "resets_at": known and known.resets_at,
        "ours_last_hour": rolling.last_hour(found.hours, at),
    }
