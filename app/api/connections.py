"""`/api/connections`: the store's CRM accounts, their switches, and going live."""

from __future__ import annotations

from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.api.limits import ID, storable
from app.api.overview import Figures, figures
from app.api.problems import refuse, refuse_form
from app.api.transitions import Refused, apply_switches, change_state
from app.api.vendors import available, connecting, form_of
from app.connectors.registry import SOURCE, VENDORS
from app.errors import Rejected
from app.models import Connection, ConnectionState, Store, User
from app.runtime import runtime
from app.sync import authorizations, breaker
from app.sync.accounts import sign_in
from app.sync.connections import disconnect, switches

NOT_THERE = "There is no such connection in this store."
ENVIRONMENTS = ("production", "sandbox")

blueprint = Blueprint("api-connections", __name__, url_prefix="/api/connections", description="CRM accounts")


class OptionSchema(Schema):
    name = fields.String()
    label = fields.String()
    help = fields.String()
    direction = fields.String()
    enabled = fields.Boolean()


class CountsSchema(Schema):
    waiting = fields.Integer()
    running = fields.Integer()
    dead = fields.Integer()
    done_today = fields.Integer()


class MoneySchema(Schema):
    currency = fields.String()
    amount = fields.String()


class FormFieldSchema(Schema):
    name = fields.String()
    label = fields.String()
    help = fields.String()
    secret = fields.Boolean()
    required = fields.Boolean()
    default = fields.String()


class BreakerSchema(Schema):
    state = fields.String(metadata={"description": "`closed`: it is used; `open`: not before `until`; `probing`"})
    since = fields.AwareDateTime(allow_none=True)
    until = fields.AwareDateTime(allow_none=True)
    failures = fields.Integer(metadata={"description": "In a row"})


class ConnectionSchema(Schema):
    id = fields.Integer()
    vendor = fields.String()
    label = fields.String()
    environment = fields.String()
    state = fields.String()
    account_name = fields.String()
    account_id = fields.String()
    instance_url = fields.String()
    hold_until = fields.AwareDateTime(allow_none=True)
    breaker = fields.Nested(BreakerSchema, metadata={"description": "Whether the vendor answers"})
    connected_at = fields.AwareDateTime()
    problem = fields.String()
    missing = fields.List(fields.String(), metadata={"description": "Nothing is sent before this is there"})
    advice = fields.List(fields.String(), metadata={"description": "What would make more possible"})
    channels = fields.List(fields.String(), metadata={"description": "Storefronts that are carried; none: all"})
    open_conflicts = fields.Integer()
    checked_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "When the account was last looked at; null: not yet"}
    )
    options = fields.List(fields.Nested(OptionSchema))
    counts = fields.Nested(CountsSchema)
    money_waiting = fields.List(fields.Nested(MoneySchema))
    last_activity_at = fields.AwareDateTime(allow_none=True)
    form = fields.List(fields.Nested(FormFieldSchema), metadata={"description": "What connecting again asks for"})
    panel = fields.String(metadata={"description": "`passes`, `package`, or nothing to be done here"})


class FormerSchema(Schema):
    account_name = fields.String()
    environment = fields.String()
    waiting = fields.Integer(metadata={"description": "Records that are sent once it is connected again"})


class VendorSchema(Schema):
    vendor = fields.String()
    label = fields.String()
    form = fields.List(
        fields.Nested(FormFieldSchema), metadata={"description": "What to ask for; none: the vendor's own consent page"}
    )
    former = fields.Nested(
        FormerSchema, allow_none=True, metadata={"description": "The account that was connected before; null: none"}
    )


class ConnectingSchema(Schema):
    id = fields.Integer()
    vendor = fields.String()


class StoreEndSchema(Schema):
    hooks_checked_at = fields.AwareDateTime(allow_none=True)
    hooks_problem = fields.String()
    state = fields.String(metadata={"description": "Of Storeline's own access to the store"})
    problem = fields.String(metadata={"description": "Why the store refuses that access, in its own words"})


class ConnectionsSchema(Schema):
    connections = fields.List(fields.Nested(ConnectionSchema))
    available = fields.List(fields.Nested(VendorSchema))
    connecting = fields.List(
        fields.Nested(ConnectingSchema), metadata={"description": "Consent pages that have not come to an end yet"}
    )
    store = fields.Nested(StoreEndSchema)


class AuthorizeSchema(Schema):
    environment = fields.String(load_default="production", validate=validate.OneOf(ENVIRONMENTS))


class SignInSchema(AuthorizeSchema):
    form = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.String(validate=[validate.Length(max=2_000), storable]),
        required=True,
    )


class AddressSchema(Schema):
    url = fields.String()


class ChangeSchema(Schema):
    switches = fields.Dict(keys=fields.String(), values=fields.Boolean(), load_default=dict)
    state = fields.String(validate=validate.OneOf((ConnectionState.LIVE, ConnectionState.PAUSED)), load_default=None)


class StartedSchema(Schema):
    started = fields.Boolean()


@blueprint.route("")
class ConnectionsResource(MethodView):
    @blueprint.response(200, ConnectionsSchema)
    def get(self) -> dict[str, Any]:
        """Everything connected, what else could be, and how the store's webhooks are."""
        with runtime().database.reading() as session:
            store = session.get_one(Store, g.session.store_id)
            found = session.scalars(_connected().order_by(Connection.connected_at, Connection.id)).all()
            numbers = figures(session, store, [connection.id for connection in found])
            return {
                "connections": [_described(connection, numbers[connection.id]) for connection in found],
                "available": available(session, g.session.store_id, {connection.vendor for connection in found}),
                "connecting": connecting(session, g.session.store_id),
                "store": _store_end(session, store),
            }


@blueprint.route("/<string:vendor>/authorize")
class AuthorizeResource(MethodView):
    @blueprint.arguments(AuthorizeSchema)
    @blueprint.response(200, AddressSchema)
    def post(self, body: dict[str, Any], vendor: str) -> dict[str, str]:
        """Begin to connect an account: the address to open in a new tab."""
        if vendor not in VENDORS or VENDORS[vendor].form:
            refuse(404, f"Storeline does not connect with “{vendor}” by a consent page.")
        with runtime().database.reading() as session:
            user = session.scalars(
                select(User).where(User.id == g.session.user_id, User.store_id == g.session.store_id)
            ).one()
        return {"url": authorizations.start(runtime(), user, vendor, body["environment"])}


@blueprint.route("/<string:vendor>/sign-in")
class SignInResource(MethodView):
    @blueprint.arguments(SignInSchema)
    @blueprint.response(201, ConnectionSchema)
    def post(self, body: dict[str, Any], vendor: str) -> dict[str, Any]:
        """Connect an account, or connect it again, with what its administrator typed in."""
        if vendor not in VENDORS or not VENDORS[vendor].form:
            refuse(404, f"Storeline does not sign in to “{vendor}” by a form.")
        try:
            connected = sign_in(runtime(), g.session.store_id, VENDORS[vendor], body["environment"], body["form"])
        except Rejected as error:
            refuse_form(error, {item.name for item in VENDORS[vendor].form})
        with runtime().database.reading() as session:
            store = session.get_one(Store, g.session.store_id)
            connection = own_connection(session, connected.connection_id)
            return _described(connection, figures(session, store, [connection.id])[connection.id])


@blueprint.route(f"/<{ID}:connection_id>")
class ConnectionResource(MethodView):
    @blueprint.arguments(ChangeSchema)
    @blueprint.response(200, ConnectionSchema)
    def patch(self, body: dict[str, Any], connection_id: int) -> dict[str, Any]:
        """Change switches, go live, pause or resume."""
        with runtime().database.transaction() as session:
            connection = own_connection(session, connection_id)
            try:
                apply_switches(session, connection, body["switches"])
                change_state(connection, body["state"])
            except Refused as refusal:
                refuse(refusal.status, refusal.message)
            store = session.get_one(Store, g.session.store_id)
            session.flush()
            answer = _described(connection, figures(session, store, [connection_id])[connection_id])
        if answer["state"] == ConnectionState.LIVE:
            runtime().bell.ring(connection_id)
        return answer

    @blueprint.response(204)
    def delete(self, connection_id: int) -> None:
        """Disconnect: the token is forgotten and revoked at once; what is in the CRM stays there."""
        with runtime().database.reading() as session:
            own_connection(session, connection_id)
        disconnect(runtime(), connection_id)


@blueprint.route(f"/<{ID}:connection_id>/check")
class CheckResource(MethodView):
    @blueprint.response(202, StartedSchema)
    def post(self, connection_id: int) -> dict[str, bool]:
        """Look again for what the account lacks; the answer shows in the connection's `missing` soon after."""
        with runtime().database.reading() as session:
            own_connection(session, connection_id)
        if not runtime().bell.start("prepare", connection_id):
            refuse(503, "The check could not be started right now. Please try again in a minute.")
        return {"started": True}


def _connected() -> Any:
    return select(Connection).where(
        Connection.store_id == g.session.store_id,
        Connection.vendor != SOURCE,
        Connection.vendor.in_(VENDORS),
        Connection.state != ConnectionState.DISCONNECTED,
    )


def own_connection(session: Session, connection_id: int) -> Connection:
    """A connection of this session's store, or the problem body for none."""
    connection: Connection | None = session.scalar(_connected().where(Connection.id == connection_id))
    if connection is None:
        refuse(404, NOT_THERE)
    return connection


def _store_end(session: Session, store: Store) -> dict[str, Any]:
    own = session.scalar(
        select(Connection).where(Connection.store_id == g.session.store_id, Connection.vendor == SOURCE)
    )
    return {
        "hooks_checked_at": store.hooks_checked_at,
        "hooks_problem": store.hooks_problem,
        "state": own.state if own is not None else ConnectionState.DISCONNECTED,
        "problem": own.problem if own is not None else "",
    }


def _described(connection: Connection, numbers: Figures) -> dict[str, Any]:
    vendor, enabled = VENDORS[connection.vendor], switches(connection.vendor, connection.switches)
    options = [
        {"name": o.name, "label": o.label, "help": o.help, "direction": o.direction, "enabled": enabled[o.name]}
        for o in vendor.options
    ]
    return {
        "id": connection.id,
        "vendor": vendor.name,
        "label": vendor.label,
        "environment": connection.environment,
        "state": connection.state,
        "account_name": connection.account_name,
        "account_id": connection.account_id,
        "instance_url": connection.instance_url,
        "hold_until": connection.hold_until,
        "breaker": breaker.of(connection),
        "connected_at": connection.connected_at,
        "problem": connection.problem,
        "missing": connection.missing,
        "advice": connection.advice,
        "channels": connection.channels,
        "open_conflicts": numbers.open_conflicts,
        "checked_at": connection.prepared_at,
        "options": options,
        "counts": numbers,
        "money_waiting": [{"currency": code, "amount": str(amount)} for code, amount in numbers.money.items()],
        "last_activity_at": numbers.last_activity_at,
        "form": form_of(vendor, connection.instance_url),
        "panel": vendor.panel,
    }
