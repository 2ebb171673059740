"""`/api/deliveries/<id>/corrections`: values of one record that a person has sent in another form than the store's."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, validate

from app.api.correctable import form, read
from app.api.deliveries import NOT_THERE, ReplayedSchema
from app.api.limits import ID
from app.api.listing import Found, delivery_of, described
from app.api.problems import refuse, refuse_values
from app.errors import StorelineError
from app.models import User
from app.runtime import runtime
from app.sync import corrections, mending
from app.sync.deliveries import INWARD

MOST_VALUES = 200
IN_THE_CRM = "The value is the CRM's: correct it there, and it comes by itself."
NOTHING = "This record has no values that could be corrected here; correct it where it is from."
HOW = (
    "What you type is sent to this CRM in place of the store's value, for the same person's other records as well, "
    "until the value changes in the store. The store itself is not changed."
)

blueprint = Blueprint("api-corrections", __name__, url_prefix="/api/deliveries", description="Corrected values")


class FieldSchema(Schema):
    name = fields.String()
    label = fields.String()
    value = fields.String(metadata={"description": "As the store has it now"})
    corrected = fields.String(allow_none=True, metadata={"description": "What is sent in its place"})
    is_culprit = fields.Boolean()
    max_length = fields.Integer(allow_none=True)
    type = fields.String()


class CorrectableSchema(Schema):
    fields_ = fields.List(fields.Nested(FieldSchema), data_key="fields", attribute="fields")
    store_url = fields.String(allow_none=True)
    crm_url = fields.String(allow_none=True)
    can_correct = fields.Boolean()
    words = fields.String()


class CorrectionsSchema(Schema):
    class Meta:
        unknown = RAISE

    values = fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, validate=validate.Length(min=1, max=MOST_VALUES)
    )


@blueprint.route(f"/<{ID}:delivery_id>/correctable")
class CorrectableResource(MethodView):
    @blueprint.response(200, CorrectableSchema)
    def get(self, delivery_id: int) -> dict[str, Any]:
        """What may be corrected, with the store's values as they are now."""
        found = _found(delivery_id)
        shown = described(found)
        answer = {"store_url": shown["store_url"], "crm_url": shown["crm_url"], "fields": [], "can_correct": False}
        delivery, vendor = found[0], found[1]
        if delivery.kind.startswith(INWARD):
            return {**answer, "words": IN_THE_CRM}
        try:
            record = mending.as_it_is(runtime(), delivery)
        except StorelineError as error:
            return {**answer, "words": f"The store's values are not to be had right now: {error.message}"}
        with runtime().database.reading() as session:
            standing = corrections.standing(session, delivery.connection_id, record)
        rows = form(record, standing, vendor, delivery.error_field, delivery.error_message)
        return {**answer, "fields": rows, "can_correct": bool(rows), "words": HOW if rows else NOTHING}


@blueprint.route(f"/<{ID}:delivery_id>/corrections")
class CorrectionsResource(MethodView):
    @blueprint.arguments(CorrectionsSchema)
    @blueprint.response(200, ReplayedSchema)
    def put(self, body: dict[str, Any], delivery_id: int) -> dict[str, int]:
        """Send these values in place of the store's, at once; the store's own value takes a correction back."""
        delivery = _found(delivery_id)[0]
        if delivery.kind.startswith(INWARD):
            refuse(422, IN_THE_CRM)
        record = mending.as_it_is(runtime(), delivery)
        good, errors = read(record, body["values"])
        if errors:
            refuse_values(errors)
        return {"replayed": mending.correct(runtime(), delivery, record, good, _person())}

    @blueprint.response(200, ReplayedSchema)
    def delete(self, delivery_id: int) -> dict[str, int]:
        """Send the store's own values again."""
        return {"replayed": mending.take_back(runtime(), _found(delivery_id)[0])}


def _found(delivery_id: int) -> Found:
    with runtime().database.reading() as session:
        found = delivery_of(session, g.session.store_id, delivery_id)
    if found is None:
        refuse(404, NOT_THERE)
    return found


def _person() -> str:
    with runtime().database.reading() as session:
        user = session.get(User, g.session.user_id)
    return user.email if user is not None else ""
