"""`/api/deliveries`: what was brought where, what failed and why, and trying again."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import RAISE, Schema, fields, validate

from app.api.limits import ID, LARGEST, an_id, storable
from app.api.listing import Found, delivery_of, described, matching, tries_of
from app.api.paging import paged
from app.api.problems import refuse
from app.models import Connection, State
from app.runtime import runtime
from app.sync.replays import Which, replay

PAGE = 100
LONGEST_PAGE = 250
MOST_IDS = 1_000
NOT_THERE = "There is no such delivery in this store."

blueprint = Blueprint("api-deliveries", __name__, url_prefix="/api/deliveries", description="Records under way")


class FilterSchema(Schema):
    connection_id = fields.Integer(load_default=None, validate=an_id)
    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in State]))
    kind = fields.String(
        load_default=None,
        validate=[validate.Length(max=32), storable],
        metadata={"description": "`order`, `customer` ...; `crm:` for whatever comes from the CRM"},
    )
    q = fields.String(
        load_default="",
        validate=[validate.Length(max=200), storable],
        metadata={"description": "Part of a label or an error, or a whole record id or correlation id"},
    )


class DeliveryErrorSchema(Schema):
    code = fields.String()
    field = fields.String()
    message = fields.String(metadata={"description": "The vendor's own words"})
    words = fields.String(metadata={"description": "The cause, in plain words"})
    advice = fields.String()
    who = fields.String()


class FlagSchema(Schema):
    code = fields.String()
    message = fields.String()
    words = fields.String()
    advice = fields.String()
    who = fields.String()


class DeliverySchema(Schema):
    id = fields.Integer()
    connection_id = fields.Integer()
    vendor = fields.String()
    vendor_label = fields.String()
    kind = fields.String()
    record_id = fields.String()
    label = fields.String()
    amount = fields.String()
    state = fields.String()
    result = fields.String()
    remedy = fields.String()
    error = fields.Nested(DeliveryErrorSchema, allow_none=True)
    flags = fields.List(fields.Nested(FlagSchema))
    attempts = fields.Integer()
    due_at = fields.AwareDateTime()
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    correlation_id = fields.String()
    crm_url = fields.String(allow_none=True)
    store_url = fields.String(allow_none=True)


class AttemptSchema(Schema):
    number = fields.Integer()
    started_at = fields.AwareDateTime()
    ms = fields.Integer()
    result = fields.String()
    error_code = fields.String()
    error_message = fields.String()
    correlation_id = fields.String()
    sent = fields.Raw(allow_none=True)
    received = fields.Raw(allow_none=True)


class DeliveryWithAttemptsSchema(DeliverySchema):
    tries = fields.List(fields.Nested(AttemptSchema))


class PageSchema(Schema):
    items = fields.List(fields.Nested(DeliverySchema))
    total = fields.Integer(metadata={"description": "How many match, as far as they were counted"})
    more = fields.Boolean(metadata={"description": "There are more than `total`"})
    page = fields.Integer()
    pages = fields.Integer(metadata={"description": "As far as they were counted; with `more` others follow"})


class ReplaySchema(Schema):
    class Meta:
        unknown = RAISE  # a misspelt filter must not replay everything

    connection_id = fields.Integer(load_default=None, allow_none=True, validate=an_id)
    kind = fields.String(load_default=None, allow_none=True, validate=storable)
    error_code = fields.String(load_default=None, allow_none=True, validate=storable)
    error_field = fields.String(load_default=None, allow_none=True, validate=storable)
    since = fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "What died then or later"}
    )
    until = fields.AwareDateTime(load_default=None, allow_none=True, metadata={"description": "What died before"})
    ids = fields.List(
        fields.Integer(strict=True, validate=an_id),
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=MOST_IDS),
    )


class ReplayedSchema(Schema):
    replayed = fields.Integer()


@blueprint.route("")
class DeliveriesResource(MethodView):
    @blueprint.arguments(FilterSchema, location="query")
    @blueprint.response(200, PageSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(self, wanted: dict[str, Any], pagination_parameters: PaginationParameters) -> dict[str, Any]:
        """Deliveries, what moved last first."""
        pages = pagination_parameters
        with runtime().database.reading() as session:
            first = min(pages.first_item, LARGEST)
            total, more, rows = matching(session, g.session.store_id, wanted, first, pages.page_size)
        return {**paged(pages, [described(row) for row in rows], total), "more": more}


@blueprint.route("/replay")
class ReplaysResource(MethodView):
    @blueprint.arguments(ReplaySchema)
    @blueprint.response(200, ReplayedSchema)
    def post(self, wanted: dict[str, Any]) -> dict[str, int]:
        """Try again what is dead: these, or all that match; without any filter all of the store."""
        if wanted["connection_id"] is not None:
            with runtime().database.reading() as session:
                connection = session.get(Connection, wanted["connection_id"])
            if connection is None or connection.store_id != g.session.store_id:
                refuse(404, "There is no such connection in this store.")
        return {"replayed": replay(runtime(), g.session.store_id, Which(**wanted))}


@blueprint.route(f"/<{ID}:delivery_id>")
class DeliveryResource(MethodView):
    @blueprint.response(200, DeliveryWithAttemptsSchema)
    def get(self, delivery_id: int) -> dict[str, Any]:
        """One delivery with all its attempts: what was sent, what came back."""
        with runtime().database.reading() as session:
            found = delivery_of(session, g.session.store_id, delivery_id)
            tries = tries_of(session, delivery_id)
        return {**described(_existing(found)), "tries": tries}


@blueprint.route(f"/<{ID}:delivery_id>/replay")
class ReplayResource(MethodView):
    @blueprint.response(200, ReplayedSchema)
    def post(self, delivery_id: int) -> dict[str, int]:
        """Try one again, as the record is now and with the mapping of today."""
        with runtime().database.reading() as session:
            _existing(delivery_of(session, g.session.store_id, delivery_id))
        return {"replayed": replay(runtime(), g.session.store_id, Which(ids=[delivery_id]))}


def _existing(found: Found | None) -> Found:
    if found is None:
        refuse(404, NOT_THERE)
    return found
