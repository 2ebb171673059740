"""`/api/privacy`: what we hold on a person, handed out or erased; what is kept for how long."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g
from flask.views import MethodView
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from marshmallow import RAISE, Schema, fields, validate
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.api.limits import ID, LARGEST, storable
from app.api.paging import Paged, paged
from app.api.problems import refuse
from app.domain.customer import fold
from app.models import PrivacyAction, PrivacyRequest, Store, User
from app.runtime import runtime
from app.sync import privacy, receipts, subjects

PAGE, LONGEST_PAGE = 50, 250
NOT_THERE = "There is no such request in this store."
NOT_OURS = (
    "Erased is what Storeline holds. The customer and the orders in the store, and the records in the CRM, are yours: "
    "erase them there as well. Until the person buys again, nothing about them is carried any more."
)

blueprint = Blueprint("api-privacy", __name__, url_prefix="/api/privacy", description="People's data")


class SearchSchema(Schema):
    q = fields.String(
        load_default="",
        validate=[validate.Length(max=200), storable],
        metadata={"description": "Part of a name or of an e-mail address"},
    )


class ShopperSchema(Schema):
    customer_id = fields.String()
    name = fields.String()
    email = fields.String()
    orders = fields.Integer()
    is_guest = fields.Boolean()


class ShoppersSchema(Paged):
    items = fields.List(fields.Nested(ShopperSchema))


class ExportSchema(Schema):
    class Meta:
        unknown = RAISE

    # As the store has it: it takes addresses that are none, and whose they are may ask as well.
    email = fields.String(required=True, validate=[validate.Length(min=1, max=255), storable])


class ErasureSchema(ExportSchema):
    confirm = fields.String(
        required=True,
        validate=[validate.Length(max=255), storable],
        metadata={"description": "The same address, typed once more"},
    )


class RequestSchema(Schema):
    id = fields.Integer()
    action = fields.String(metadata={"description": "`export` or `erase`"})
    requested_by = fields.String()
    requested_at = fields.AwareDateTime()
    done_at = fields.AwareDateTime(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "Rows by table"})
    words = fields.String(metadata={"description": "What it does not reach"})


class RequestsSchema(Paged):
    items = fields.List(fields.Nested(RequestSchema))


class RetentionSchema(Schema):
    retention_days = fields.Integer()
    payload_days = fields.Integer()
    uninstall_days = fields.Integer()
    receipt_url = fields.String(metadata={"description": "Where the receipt will be after uninstalling"})


@blueprint.route("/people")
class PeopleResource(MethodView):
    @blueprint.arguments(SearchSchema, location="query")
    @blueprint.response(200, ShoppersSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(self, wanted: dict[str, Any], pagination_parameters: PaginationParameters) -> dict[str, Any]:
        """People that we know of, by e-mail address."""
        pages = pagination_parameters
        first = min(pages.first_item, LARGEST)
        with runtime().database.reading() as session:
            total, found = subjects.search(session, g.session.store_id, wanted["q"], first, pages.page_size)
        items = [
            {
                "customer_id": one.customer_id, "name": one.name, "email": one.email, "orders": orders,
                "is_guest": one.customer_id.startswith("guest:"),
            }
            for one, orders in found
        ]  # fmt: skip
        return paged(pages, items, total)


@blueprint.route("/exports")
class ExportsResource(MethodView):
    @blueprint.arguments(ExportSchema)
    @blueprint.response(201, RequestSchema)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask for everything that we hold on a person; to be fetched within a day."""
        return _asked(PrivacyAction.EXPORT, body["email"])


@blueprint.route(f"/exports/<{ID}:request_id>/file")
class ExportFileResource(MethodView):
    @blueprint.response(200, content_type="application/json")
    def get(self, request_id: int) -> Response:
        """The file: rows by table. Made when it is fetched; nothing of it is kept."""
        with runtime().database.reading() as session:
            asked = _existing(session, request_id)
        if asked.action != PrivacyAction.EXPORT:
            refuse(404, NOT_THERE)
        found = privacy.export(runtime(), request_id)
        answer = Response(json.dumps(found, ensure_ascii=False, indent=1), mimetype="application/json")
        answer.headers["Content-Disposition"] = f'attachment; filename="storeline-export-{request_id}.json"'
        return answer


@blueprint.route("/erasures")
class ErasuresResource(MethodView):
    @blueprint.arguments(ErasureSchema)
    @blueprint.response(202, RequestSchema)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Erase a person wherever we hold them; done in the background, and never undone."""
        if fold(body["email"]) != fold(body["confirm"]):
            refuse(422, "The two addresses are not the same; nothing was erased.")
        asked = _asked(PrivacyAction.ERASE, body["email"])
        runtime().bell.start("erase", asked["id"])
        return asked


@blueprint.route("/requests")
class RequestsResource(MethodView):
    @blueprint.response(200, RequestsSchema)
    @blueprint.paginate(page_size=PAGE, max_page_size=LONGEST_PAGE)
    def get(self, pagination_parameters: PaginationParameters) -> dict[str, Any]:
        """Requests so far, the newest first; whom they were about is not kept."""
        pages = pagination_parameters
        mine = PrivacyRequest.store_id == g.session.store_id
        page = select(PrivacyRequest).where(mine).order_by(PrivacyRequest.id.desc())
        with runtime().database.reading() as session:
            total = session.scalar(select(func.count()).select_from(PrivacyRequest).where(mine)) or 0
            rows = session.scalars(page.offset(min(pages.first_item, LARGEST)).limit(pages.page_size)).all()
            return paged(pages, [_described(row) for row in rows], total)


@blueprint.route("/retention")
class RetentionResource(MethodView):
    @blueprint.response(200, RetentionSchema)
    def get(self) -> dict[str, Any]:
        """How long we keep what, and where to look after uninstalling."""
        settings = runtime().settings
        with runtime().database.reading() as session:
            address = receipts.address(runtime(), session.get_one(Store, g.session.store_id))
        days = {name: int(getattr(settings, name)) for name in ("retention_days", "payload_days", "uninstall_days")}
        return {**days, "receipt_url": address}


def _asked(action: PrivacyAction, email: str) -> dict[str, Any]:
    with runtime().database.reading() as session:
        person = session.get_one(User, g.session.user_id).email
    request_id = privacy.ask(runtime(), g.session.store_id, action, email, person)
    with runtime().database.reading() as session:
        return _described(_existing(session, request_id))


def _existing(session: Session, request_id: int) -> PrivacyRequest:
    found = session.get(PrivacyRequest, request_id)
    if found is None or found.store_id != g.session.store_id:
        refuse(404, NOT_THERE)
    return found


def _described(row: PrivacyRequest) -> dict[str, Any]:
    names = ("id", "action", "requested_by", "requested_at", "done_at", "counts")
    return {**{name: getattr(row, name) for name in names}, "words": NOT_OURS if row.action == "erase" else ""}
