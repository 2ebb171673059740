"""`/api/session`: who is using the settings UI, on which store, and a fresh bearer."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import select

from app.api.problems import refuse
from app.models import Store, User
from app.runtime import runtime
from app.ui.session import OVER, SessionOver, renew

blueprint = Blueprint("api-session", __name__, url_prefix="/api/session", description="Who is using the settings UI")


class StoreSchema(Schema):
    hash = fields.String()
    name = fields.String()
    currency = fields.String()
    timezone = fields.String()
    control_panel_url = fields.String()


class UserSchema(Schema):
    email = fields.String()
    locale = fields.String()
    role = fields.String()


class SessionSchema(Schema):
    store = fields.Nested(StoreSchema)
    user = fields.Nested(UserSchema)
    deep_link = fields.String(metadata={"description": "Where the control panel opens Storeline; empty: not known"})


class BearerSchema(Schema):
    token = fields.String()
    expires_at = fields.AwareDateTime()


@blueprint.route("")
class SessionResource(MethodView):
    @blueprint.response(200, SessionSchema)
    def get(self) -> dict[str, Any]:
        """The store and the person of this session."""
        with runtime().database.reading() as session:
            store = session.scalars(select(Store).where(Store.id == g.session.store_id)).one()
            user = session.scalars(
                select(User).where(User.id == g.session.user_id, User.store_id == g.session.store_id)
            ).one()
        return {
            "store": {
                "hash": store.store_hash,
                "name": store.name,
                "currency": store.currency,
                "timezone": store.timezone,
                "control_panel_url": store.control_panel_url,
            },
            "user": {"email": user.email, "locale": user.locale, "role": g.session.role},
            "deep_link": _deep_link(store),
        }


@blueprint.route("/renew")
class RenewalResource(MethodView):
    @blueprint.response(200, BearerSchema)
    def post(self) -> Any:
        """A fresh bearer, up to a day after the launch."""
        try:
            return renew(runtime().settings, g.session)
        except SessionOver:
            refuse(401, OVER)


def _deep_link(store: Store) -> str:
    base = store.control_panel_url.rstrip("/")
    return f"{base}/manage/app/{runtime().settings.bigcommerce_app_id}" if base else ""
