"""The order-history panel, whichever CRM it stands in: the page that a launch opens, and its further fragments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from app.models import Connection, OrderCopy, PanelPass, Store, StoreState
from app.models.store import COLLECTING
from app.runtime import Runtime, runtime
from app.ui import session as bearer
from crm_widgets import history, pages, search
from crm_widgets.formats import Formats
from crm_widgets.history import Buyer, Position
from crm_widgets.subject import SUPPORT, Launch, Subject

LINES = 6  # of an order in a list; the others on demand, so that a page stays small
ALL_LINES = 500

blueprint = Blueprint("panels", __name__, template_folder="templates")
bearer.require(blueprint, bearer.PANEL)


@dataclass(frozen=True)
class View:
    """One store's side of a panel: for whom it is formatted, and where its orders are kept."""

    store: Store
    connection_id: int
    subject: Subject
    formats: Formats

    def order_url(self, order_id: str) -> str:
        """The order in the store's control panel; empty if the store's address is not known."""
        address = urlsplit(self.store.control_panel_url)
        if address.scheme not in ("http", "https") or not address.netloc:
            return ""
        return f"{address.scheme}://{address.netloc}/manage/orders/{quote(order_id, safe='')}"

    @staticmethod
    def tracking_url(address: str) -> str:
        """A parcel's tracking page; empty if what the store calls so leads to no page on the web."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return ""
        return address if parts.scheme in ("http", "https") and parts.netloc else ""


def opened(launch: Launch) -> Response:
    """The whole panel: the store's side that knows the record is shown, others of the same account are a click away."""
    running = runtime()
    with running.database.reading() as session:
        sides = _sides(session, launch)
        # As connected and as signed: the two differ for a while after an account has moved.
        ancestors = " ".join((launch.ancestors, launch.origin, *(side.instance_url for side in sides)))
        if not sides:
            return pages.not_connected(ancestors, launch.vendor)
        chosen, buyer = _choose(session, sides, launch)
        view = _view(chosen, launch.subject, launch.locale, launch.timezone)
        content = _content(session, view, buyer)
    tabs = [
        {
            "name": side.store.name or side.store.store_hash,
            "token": _token(running, side, launch),
            "shown": side is chosen,
        }
        for side in sides
    ]
    config = {
        "token": _token(running, chosen, launch),
        "orders": url_for("panels.orders"),
        "forget": bool(request.query_string),
    }
    return pages.page(
        "panel.html", ancestors, vendor=launch.vendor, script=pages.script(), tabs=tabs, config=config, **content
    )


def exchanged(launch: Launch) -> dict[str, str] | None:
    """The inside of a panel and its bearer, for a page that stands already; None: nothing is connected (any more)."""
    running = runtime()
    with running.database.reading() as session:
        side = next(iter(_sides(session, launch)), None)
        if side is None:
            return None
        view = _view(side, launch.subject, launch.locale, launch.timezone)
        buyer = history.find(session, side.store_id, side.id, launch.subject)
        html = render_template("panels/_content.html", **_content(session, view, buyer))
    return {"html": html, "token": _token(running, side, launch)}


@blueprint.get("/panels/orders")
def orders() -> Response:
    """A fragment: `part=content` the store's side whole, `part=list` (`q`, `after`) orders, `part=order` (`id`) one."""
    with runtime().database.reading() as session:
        view = _current(session)
        buyer = history.find(session, view.store.id, view.connection_id, view.subject)
        match request.args.get("part", "list"):
            case "content":
                return pages.fragment("_content.html", **_content(session, view, buyer))
            case "order":
                return pages.fragment("_order.html", **_order(session, view, request.args.get("id", "")))
            case "list":
                return pages.fragment("_list.html", **_list(session, view, buyer))
            case _:
                abort(400)


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """A sentence instead of the fragment."""
    status = pages.status_of(error)
    return pages.fragment("_failed.html", status, code=status)


def _sides(session: Session, launch: Launch) -> list[Connection]:
    """The connections of active stores that the launch proved: one, or all with the account that it came from."""
    if not launch.account_id and not launch.connection_id:
        return []
    by_id, by_account = Connection.id == launch.connection_id, Connection.account_id == launch.account_id
    found = session.scalars(
        select(Connection)
        .join(Connection.store)
        .options(contains_eager(Connection.store))
        .where(
            by_id if launch.connection_id else by_account,
            Connection.vendor == launch.vendor,
            Connection.state.in_(COLLECTING),
            Store.state == StoreState.ACTIVE,
        )
        .order_by(Connection.id)
    ).all()
    placed = [side for side in found if side.store.store_hash == launch.store_hash]
    return placed or list(found)


def _choose(session: Session, sides: Sequence[Connection], launch: Launch) -> tuple[Connection, Buyer]:
    """The first store that knows the record's buyer, else the first."""
    first: tuple[Connection, Buyer] | None = None
    for side in sides:
        buyer = history.find(session, side.store_id, side.id, launch.subject)
        if buyer.by:
            return side, buyer
        first = first or (side, buyer)
    assert first is not None
    return first


def _token(running: Runtime, side: Connection, launch: Launch) -> str:
    """A bearer for one store's side of this panel, for the record that it was opened on and no other."""
    return bearer.issue(
        running.settings,
        audience=bearer.PANEL,
        store_hash=side.store.store_hash,
        user=launch.user,
        role="staff",
        extra={
            "connection": side.id,
            "subject": launch.subject.dump(),
            "locale": launch.locale,
            "timezone": launch.timezone,
            "pass": launch.pass_id,
        },
    ).token


def _current(session: Session) -> View:
    """The view that the request's bearer stands for; 401 if its connection or its pass has ended since."""
    extra = g.session.extra
    side = session.scalars(
        select(Connection).where(
            Connection.id == extra["connection"],
            Connection.store_id == g.session.store_id,
            Connection.state.in_(COLLECTING),
        )
    ).one_or_none()
    is_revoked = extra.get("pass") and session.get(PanelPass, extra["pass"]) is None
    if side is None or is_revoked:
        abort(401)
    return _view(side, Subject.load(extra["subject"]), extra["locale"], extra["timezone"])


def _view(side: Connection, subject: Subject, locale: str, timezone: str) -> View:
    return View(side.store, side.id, subject, Formats.of(locale, timezone, side.store.timezone))


def _content(session: Session, view: View, buyer: Buyer) -> dict[str, Any]:
    """Key figures, the orders that the record stands for, the newest others."""
    page = history.page(session, view.store.id, buyer)
    return {
        "view": view,
        "fmt": view.formats,
        "buyer": buyer,
        "figures": history.figures(session, view.store.id, buyer),
        "carts": history.open_carts(session, view.store.id, buyer),
        "pinned": history.fetch(session, view.store.id, buyer.order_ids),
        "found": search.Found(page),
        "query": "",
        "searchable": bool(page.orders) or view.subject.purpose == SUPPORT,
        "lines": LINES,
    }


def _list(session: Session, view: View, buyer: Buyer) -> dict[str, Any]:
    """Further orders, or those that match a search."""
    query, after = request.args.get("q", "").strip(), request.args.get("after")
    try:
        position = Position.parse(after) if after else None
    except ValueError:
        abort(400)
    beyond = view.subject.purpose == SUPPORT
    found = search.search(session, view.store.id, buyer, query, beyond=beyond, after=position)
    pinned = history.fetch(session, view.store.id, buyer.order_ids) if not query else ()
    return {
        "view": view, "fmt": view.formats, "buyer": buyer, "found": found, "query": query, "pinned": pinned,
        "lines": LINES, "further": position is not None,
    }  # fmt: skip


def _order(session: Session, view: View, order_id: str) -> dict[str, Any]:
    """One order with all its lines: the buyer's own, or for support anybody's; 404 otherwise."""
    found: tuple[OrderCopy, ...] = history.fetch(session, view.store.id, [order_id])
    buyer = history.find(session, view.store.id, view.connection_id, view.subject)
    if not found or not (view.subject.purpose == SUPPORT or buyer.owns(found[0])):
        abort(404)
    return {"view": view, "fmt": view.formats, "order": found[0], "lines": ALL_LINES}
