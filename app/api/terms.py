"""`/api/connections/<id>/terms`: who wins, who owns what is made there, which storefronts are carried."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.api.connections import own_connection
from app.api.limits import ID, storable
from app.api.problems import refuse
from app.connectors.base import TO_STORE
from app.connectors.registry import VENDORS
from app.mapping.merge import Rule, rule_for
from app.models import Connection
from app.runtime import runtime
from app.sync import notices
from app.sync.accounts import PATIENCE
from app.sync.connections import FIELDS_BACK, fields_back, open_target
from app.sync.owners import OBJECTS
from app.sync.patience import within

MOST = 100  # rules, owners and conditions

blueprint = Blueprint(
    "api-terms", __name__, url_prefix="/api/connections", description="System of record and ownership"
)


class Strict(Schema):
    class Meta:
        unknown = RAISE


def is_amount(text: str) -> None:
    """Raise ValidationError for what is no amount of money."""
    try:
        good = Decimal(text) >= 0 if text else True
    except InvalidOperation:
        good = False
    if not good:
        raise ValidationError("Not an amount, such as 100.00.")


def texts(longest: int) -> fields.List[Any]:
    """A list of short texts."""
    return fields.List(
        fields.String(validate=[validate.Length(min=1, max=longest), storable]),
        validate=validate.Length(max=MOST),
        load_default=list,
    )


class OwnerRuleSchema(Strict):
    object = fields.String(load_default="*", validate=validate.OneOf(("*", *OBJECTS)))
    countries = texts(2)
    groups = texts(255)
    at_least = fields.String(load_default="", validate=[validate.Length(max=30), is_amount])
    owners = fields.List(
        fields.String(validate=[validate.Length(min=1, max=64), storable]),
        required=True,
        validate=validate.Length(min=1, max=MOST),
        metadata={"description": "Users of the CRM, who take turns"},
    )


class FieldRuleSchema(Schema):
    kind = fields.String()
    field = fields.String()
    rule = fields.String()
    travels = fields.Boolean(metadata={"description": "Whether a switch lets edits of this field back at all"})
    switches = fields.List(fields.String(), metadata={"description": "Labels of the switches that do"})


class TermsSchema(Schema):
    by_field = fields.List(fields.Nested(FieldRuleSchema))
    rules = fields.List(fields.String(), metadata={"description": "The rules there are"})
    chosen = fields.Dict(metadata={"description": "Kind -> field or * -> rule, as the merchant chose them"})
    objects = fields.List(fields.String(), metadata={"description": "What an owner rule may be for, beside *"})
    owners = fields.List(fields.Nested(OwnerRuleSchema))
    channels = fields.List(fields.String())
    hook_address = fields.String(
        metadata={"description": "Where the CRM may tell us of changes, for CRMs in which an administrator enters it"}
    )


class ChangeTermsSchema(Strict):
    rules = fields.Dict(
        keys=fields.String(validate=validate.OneOf(sorted({kind for kinds in FIELDS_BACK.values() for kind in kinds}))),
        values=fields.Dict(
            keys=fields.String(validate=[validate.Length(max=64), storable]),
            values=fields.String(validate=validate.OneOf([rule.value for rule in Rule])),
        ),
        load_default=None,
        metadata={"description": "Kind -> field or * -> rule; replaces what there was"},
    )
    owners = fields.List(fields.Nested(OwnerRuleSchema), load_default=None, validate=validate.Length(max=MOST))
    channels = fields.List(
        fields.String(validate=[validate.Length(min=1, max=32), storable]),
        load_default=None,
        validate=validate.Length(max=MOST),
    )


class CrmUserSchema(Schema):
    id = fields.String()
    name = fields.String()
    email = fields.String()


class CrmUsersSchema(Schema):
    users = fields.List(fields.Nested(CrmUserSchema))


@blueprint.route(f"/<{ID}:connection_id>/terms")
class TermsResource(MethodView):
    @blueprint.response(200, TermsSchema)
    def get(self, connection_id: int) -> dict[str, Any]:
        """The rules as they are, field by field."""
        with runtime().database.reading() as session:
            connection = own_connection(session, connection_id)
        return _described(connection)

    @blueprint.arguments(ChangeTermsSchema)
    @blueprint.response(200, TermsSchema)
    def put(self, body: dict[str, Any], connection_id: int) -> dict[str, Any]:
        """Change them; what is left out stays. They hold from the next record on."""
        _check_fields(body["rules"] or {})
        with runtime().database.transaction() as session:
            connection = own_connection(session, connection_id)
            for name in ("rules", "owners", "channels"):
                if body[name] is not None:
                    setattr(connection, name, body[name])
            if body["owners"] is not None:
                connection.turns = {}
            session.flush()
        return _described(connection)


@blueprint.route(f"/<{ID}:connection_id>/users")
class UsersResource(MethodView):
    @blueprint.response(200, CrmUsersSchema)
    def get(self, connection_id: int) -> dict[str, Any]:
        """Who can own records in the CRM, asked of it now."""
        current = runtime()  # here, for the waiting is done by a thread that knows of no request
        with current.database.reading() as session:
            own_connection(session, connection_id)
        users = within(PATIENCE, lambda: open_target(current, connection_id).users())
        return {"users": [vars(user) for user in users]}


def _check_fields(rules: Mapping[str, Mapping[str, str]]) -> None:
    known: dict[str, set[str]] = {}
    for kinds in FIELDS_BACK.values():
        for kind, names in kinds.items():
            known.setdefault(kind, {"*"}).update(names)
    for kind, chosen in rules.items():
        unknown = sorted(set(chosen) - known[kind])
        if unknown:
            refuse(
                422, f"There is no field “{unknown[0]}” of {kind} that travels; there are: {', '.join(known[kind])}."
            )


def _described(connection: Connection) -> dict[str, Any]:
    travelling = fields_back(connection.vendor, connection.switches)
    return {
        "by_field": [
            {
                "kind": kind,
                "field": name,
                "rule": rule_for(connection.rules, kind, name),
                "travels": name in travelling.get(kind, ()),
                "switches": labels,
            }
            for (kind, name), labels in sorted(_switches(connection.vendor).items())
        ],
        "rules": [rule.value for rule in Rule],
        "chosen": connection.rules,
        "objects": list(OBJECTS),
        "owners": connection.owners,
        "channels": connection.channels,
        "hook_address": notices.address(runtime(), connection.id) if VENDORS[connection.vendor].notice else "",
    }


def _switches(vendor: str) -> dict[tuple[str, str], list[str]]:
    """Every field that a switch of the vendor lets back into the store, with the labels of these switches."""
    found: dict[tuple[str, str], list[str]] = {}
    for option in VENDORS[vendor].options:
        for wanted in option.kinds if option.direction == TO_STORE else ():
            for kind, names in FIELDS_BACK.get(wanted, {}).items():
                for name in names:
                    found.setdefault((kind, name), []).append(option.label)
    return found
