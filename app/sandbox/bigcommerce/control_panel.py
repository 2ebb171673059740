"""The control panel: pages that look like the merchant's, with the app framed inside."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from . import app_extensions, order_view, orders, refunds, shipments_v2
from .envelope import integer
from .errors import ApiError
from .installs import Installs, Refused
from .records import ZERO, Json, Order
from .state import State, User
from .statuses import NAMES

PAGE = 25
USER_COOKIE = "sandbox_user"


class Panel:
    """Who looks, and the frame around every page."""

    def __init__(self, state: State, installs: Installs) -> None:
        self.state = state
        self.installs = installs

    def user(self) -> User:
        """The person chosen in the switcher; the owner unless chosen."""
        chosen = request.cookies.get(USER_COOKIE, "")
        return self.state.users.get(int(chosen), self.state.owner) if chosen.isdigit() else self.state.owner

    def extensions(self, active: str) -> list[Json]:
        """What the app added to the action menu of a list page."""
        model = {"orders": "ORDERS", "products": "PRODUCTS", "customers": "CUSTOMERS"}.get(active, "")
        return app_extensions.entries(self.state, model, self.user().locale)

    def side(self, active: str) -> Json | None:
        """The side panel of a chosen entry: the load callback with the record's path."""
        record = request.args.get("record", "")
        for entry in self.extensions(active):
            if str(entry["id"]) == request.args.get("extension"):
                path = app_extensions.address(entry["url"], record)
                return {"title": entry["label"], "address": self.installs.load_url(self.user(), path)}
        return None

    def page(self, template: str, active: str, **values: Any) -> str:
        """A page with navigation."""
        with self.state.lock:
            return render_template(
                template,
                active=active,
                user=self.user(),
                users=list(self.state.users.values()),
                app=self.state.app,
                installed=self.state.installation is not None,
                extensions=self.extensions(active),
                side=self.side(active),
                notice=request.args.get("notice", ""),
                **values,
            )


def blueprint(state: State, installs: Installs) -> Blueprint:
    """All pages."""
    routes = Blueprint("control_panel", __name__, url_prefix="/manage", static_folder="static")
    panel = Panel(state, installs)
    _home(routes, panel)
    _orders(routes, panel)
    _order_actions(routes, panel)
    _lists(routes, panel)
    _apps(routes, panel)
    _people(routes, panel)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return panel.page("problem.html", "", text=str(error)), 409

    @routes.errorhandler(ApiError)
    def bad(error: ApiError) -> ResponseReturnValue:
        details = "; ".join((error.errors or {}).values())
        return panel.page("problem.html", "", text=details or error.title), error.status

    return routes


def _home(routes: Blueprint, panel: Panel) -> None:
    @routes.get("")
    def home() -> ResponseReturnValue:
        state = panel.state
        live = [order for order in list(state.orders.values()) if not order.archived]
        return panel.page(
            "home.html",
            "home",
            counts={"Orders": len(live), "Products": len(state.products), "Customers": len(state.customers)},
            revenue=sum((order.total.inc - order.refunded for order in live if order.currency_code == "GBP"), ZERO),
            latest=live[:-6:-1],
            names=NAMES,
        )

    @routes.post("/user")
    def switch_user() -> ResponseReturnValue:
        answer = redirect(request.referrer or "/manage")
        answer.set_cookie(USER_COOKIE, request.form["user"], samesite="Lax")
        return answer


def _orders(routes: Blueprint, panel: Panel) -> None:
    @routes.get("/orders")
    def list_orders() -> ResponseReturnValue:
        page, wanted = max(integer("page", 1), 1), request.args.get("status", "")
        text = request.args.get("search", "").casefold()
        found = [
            order
            for order in reversed(list(panel.state.orders.values()))
            if not order.archived and wanted in ("", str(order.status_id)) and _mentions(order, text)
        ]
        return panel.page(
            "orders.html",
            "orders",
            orders=found[(page - 1) * PAGE : page * PAGE],
            total=len(found),
            page=page,
            pages=max(-(-len(found) // PAGE), 1),
            names=NAMES,
            status=wanted,
            search=request.args.get("search", ""),
        )

    @routes.get("/orders/<int:order_id>")
    def get_order(order_id: int) -> ResponseReturnValue:
        order = _find(panel.state, order_id)
        made = [panel.state.refunds[number] for number in order.refund_ids]
        return panel.page("order.html", "orders", order=order, names=NAMES, refunds=made, money=order_view.money)


def _mentions(order: Order, text: str) -> bool:
    billing = order.billing
    words = f"{order.id} {billing['first_name']} {billing['last_name']} {billing['email']} {billing['company']}"
    return text in words.casefold()


def _find(state: State, order_id: int) -> Order:
    order = state.orders.get(order_id)
    if order is None:
        raise NotFound
    return order


def _order_actions(routes: Blueprint, panel: Panel) -> None:
    state = panel.state

    @routes.post("/orders/<int:order_id>/status")
    def set_status(order_id: int) -> ResponseReturnValue:
        with state.lock:
            orders.set_status(state, _find(state, order_id), int(request.form["status_id"]))
        return redirect(f"/manage/orders/{order_id}?notice=Status+changed")

    @routes.post("/orders/<int:order_id>/refund")
    def refund(order_id: int) -> ResponseReturnValue:
        with state.lock:
            order = _find(state, order_id)
            _refund(state, order, request.form.get("amount", ""), request.form.get("reason", ""))
        return redirect(f"/manage/orders/{order_id}?notice=Refunded")

    @routes.post("/orders/<int:order_id>/ship")
    def ship(order_id: int) -> ResponseReturnValue:
        with state.lock:
            _ship(state, _find(state, order_id), request.form.get("tracking_number", ""))
        return redirect(f"/manage/orders/{order_id}?notice=Shipped")

    @routes.post("/orders/<int:order_id>/archive")
    def archive(order_id: int) -> ResponseReturnValue:
        with state.lock:
            orders.archive(state, _find(state, order_id))
        return redirect("/manage/orders?notice=Archived")


def _refund(state: State, order: Order, amount: str, reason: str) -> None:
    item: Json = {"item_type": "ORDER", "item_id": order.id, "amount": amount or str(order.total.inc - order.refunded)}
    body: Json = {"items": [item], "reason": reason}
    payment = {"provider_id": "custom", "amount": item["amount"], "offline": True}
    refunds.make(state, order, {**body, "payments": [payment]})


def _ship(state: State, order: Order, tracking_number: str) -> None:
    for address in order.addresses:
        rest = [line for line in order.lines if line.address_id == address.id and line.quantity > line.quantity_shipped]
        items = [{"order_product_id": row.id, "quantity": row.quantity - row.quantity_shipped} for row in rest]
        if items:
            parcel = {"order_address_id": address.id, "items": items, "tracking_number": tracking_number}
            shipments_v2.ship(state, order, {**parcel, "shipping_provider": "royalmail"})


def _lists(routes: Blueprint, panel: Panel) -> None:
    @routes.get("/products")
    def products() -> ResponseReturnValue:
        page = max(integer("page", 1), 1)
        rows = list(panel.state.products.values())
        shown, pages = rows[(page - 1) * PAGE : page * PAGE], max(-(-len(rows) // PAGE), 1)
        return panel.page("products.html", "products", rows=shown, page=page, pages=pages, total=len(rows))

    @routes.get("/customers")
    def customers() -> ResponseReturnValue:
        page = max(integer("page", 1), 1)
        rows = list(panel.state.customers.values())
        shown, pages = rows[(page - 1) * PAGE : page * PAGE], max(-(-len(rows) // PAGE), 1)
        return panel.page("customers.html", "customers", rows=shown, page=page, pages=pages, total=len(rows))


def _apps(routes: Blueprint, panel: Panel) -> None:
    state, installs = panel.state, panel.installs

    @routes.get("/apps")
    def my_apps() -> ResponseReturnValue:
        return panel.page("apps.html", "apps", needs_consent=installs.needs_consent())

    @routes.get("/app/<int:app_id>")
    def open_app(app_id: int) -> ResponseReturnValue:
        if app_id != state.app.app_id:
            raise NotFound
        if installs.needs_consent():
            return panel.page("consent.html", "app", scopes=state.app.scopes.split())
        channel = integer("channel_id", 0) or None
        address = installs.load_url(panel.user(), request.args.get("url", "/"), channel)
        return panel.page("frame.html", "app", address=address)

    @routes.post("/app/<int:app_id>/install")
    def install(app_id: int) -> ResponseReturnValue:
        # The frame opens the auth callback itself, as the browser does on installation.
        return panel.page("frame.html", "app", address=installs.accept(panel.user()))

    @routes.post("/app/<int:app_id>/uninstall")
    def uninstall(app_id: int) -> ResponseReturnValue:
        told = installs.uninstall(panel.user())
        return redirect(f"/manage/apps?notice=Uninstalled.+The+app+answered+{told['status']}")


def _people(routes: Blueprint, panel: Panel) -> None:
    installs = panel.installs

    @routes.get("/users")
    def people() -> ResponseReturnValue:
        return panel.page("users.html", "users")

    @routes.post("/users")
    def add() -> ResponseReturnValue:
        installs.add_user(request.form["name"], request.form["email"], request.form.get("role", "staff"))
        return redirect("/manage/users?notice=User+added")

    @routes.post("/users/<int:user_id>/remove")
    def remove(user_id: int) -> ResponseReturnValue:
        installs.remove_user(installs.user(user_id))
        return redirect("/manage/users?notice=User+removed")

    @routes.post("/users/<int:user_id>/owner")
    def make_owner(user_id: int) -> ResponseReturnValue:
        installs.change_owner(installs.user(user_id))
        return redirect("/manage/users?notice=The+store+has+a+new+owner")
