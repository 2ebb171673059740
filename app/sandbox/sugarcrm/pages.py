"""Home, list and record pages in Sugar's manner; a record page has a dashlet that frames our panel."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError
from app.sandbox.sugarcrm.fields import MONEY_TYPES, Field
from app.sandbox.sugarcrm.launch import package_config
from app.sandbox.sugarcrm.layouts import FRAMED, LABELS, LAYOUTS, Layout, Subpanel
from app.sandbox.sugarcrm.oauth import PLATFORM_OF_PAGES
from app.sandbox.sugarcrm.schema import RLI
from app.sandbox.sugarcrm.site import Actor
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import record_view

PAGE = 25
SUBPANEL_ROWS = 10
LINE_ROWS = 200
TITLES = {"RevenueLineItems": "Revenue Line Items", "ProductTemplates": "Product Catalog"}


class Pages:
    """Builds what the templates show."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def user(self) -> Actor:
        """Who looks: the user of the switch, by default the administrator."""
        found = self._site.user_named(request.args.get("user", "admin"))
        return self._site.actor(found) if found else self._site.administrator()

    def frame(self, actor: Actor, active: str = "") -> dict[str, Any]:
        """What every page needs."""
        users = [u["user_name"] for u in self._site.tables["Users"].rows.values() if u["status"] == "Active"]
        modules = [
            {"name": n, "title": TITLES.get(n, n), "layout": layout, "count": len(self._site.tables[n].rows)}
            for n, layout in LAYOUTS.items()
            if self._site.schema.exists(n)
        ]
        return {"modules": modules, "users": users, "user": actor.user, "active": active, "suffix": self.suffix(actor)}

    @staticmethod
    def suffix(actor: Actor) -> str:
        """The query that keeps the chosen user."""
        return "" if actor.id == "1" else f"?user={actor.user['user_name']}"

    def need(self, module: str) -> Layout:
        """The layout of a module; 404 for one without pages."""
        if module not in LAYOUTS or not self._site.schema.exists(module):
            abort(404)
        return LAYOUTS[module]

    def cells(self, actor: Actor, module: str, row: Row, names: Sequence[str]) -> list[dict[str, Any]]:
        """Label, text and target of some fields."""
        fields = self._site.schema.modules[module].fields
        shown = record_view(self._site, actor, module, row, names)
        return [self._cell(actor, fields[n], row, shown.get(n)) for n in names if n in fields]

    def _cell(self, actor: Actor, field: Field, row: Row, value: Any) -> dict[str, Any]:
        target = row.get(field.id_name) if field.type == "relate" and field.module in FRAMED else None
        return {
            "name": field.name,
            "label": label(field),
            "text": self._text(field, row, value),
            "href": f"/modules/{field.module}/{target}{self.suffix(actor)}" if target else "",
            "number": is_number(field),
        }

    def _text(self, field: Field, row: Row, value: Any) -> str:
        if value is None or value == "":
            return ""
        if field.type == "currency":
            base = field.name.endswith("_usdollar")
            currency = self._site.tables["Currencies"].rows.get("-99" if base else row["currency_id"])
            return f"{currency['symbol'] if currency else ''}{Decimal(value):,.2f}"
        if field.type == "decimal":
            return f"{Decimal(value):,.2f}".rstrip("0").rstrip(".")
        if field.type == "datetime":
            return f"{value[:10]} {value[11:16]}"
        return {True: "Yes", False: "No"}[value] if isinstance(value, bool) else str(value)

    def table(self, actor: Actor, module: str, columns: Sequence[str], rows: list[Row]) -> dict[str, Any]:
        """Rows of a list, the first column leading to the record."""
        fields = self._site.schema.modules[module].fields
        body = []
        for row in rows:
            cells = self.cells(actor, module, row, columns)
            if module in FRAMED:
                named = next(c for c in cells if c["name"] == "name")
                named["href"] = f"/modules/{module}/{row['id']}{self.suffix(actor)}"
            body.append(cells)
        head = [{"text": label(fields[c]), "number": is_number(fields[c])} for c in columns if c in fields]
        return {"head": head, "body": body}

    def subpanel(self, actor: Actor, module: str, row: Row, panel: Subpanel) -> dict[str, Any]:
        """The related records of one link, the newest first; line items in their order."""
        link = self._site.schema.link(module, panel.link)
        rows = [r for r in self._api.linker.related(link, row) if self._site.visible(actor, r)]
        most = LINE_ROWS if link.target == RLI else SUBPANEL_ROWS
        shown = rows[:most] if link.target == RLI else rows[::-1][:most]
        return {"title": panel.title, "count": len(rows), **self.table(actor, link.target, panel.columns, shown)}

    def record(self, actor: Actor, module: str, record_id: str) -> dict[str, Any]:
        """Everything on a record page."""
        layout, site = self.need(module), self._site
        try:
            row = site.need(actor, module, record_id)
        except ApiError:
            abort(404)
        custom = [
            f.name for f in site.schema.modules[module].fields.values() if f.custom and row[f.name] not in (None, False)
        ]
        return {
            "module": module,
            "layout": layout,
            "row": row,
            "name": row["name"] or row["id"],
            "header": self.cells(actor, module, row, layout.header),
            "details": self.cells(actor, module, row, layout.details),
            "custom": self.cells(actor, module, row, custom),
            "emails": site.emails.show((module, record_id)),
            "tags": [site.tables["Tags"].rows[t]["name"] for t in row["_tags"]],
            "subpanels": [
                self.subpanel(actor, module, row, p)
                for p in layout.subpanels
                if site.schema.exists(site.schema.links[module][p.link].target)
            ],
            "installed": package_config(site) is not None,
            "launch": f"/rest/v11_24/Storeline/launch/{module}/{record_id}",
            "token": self.token(actor),
        }

    def token(self, actor: Actor) -> str:
        """The page's own session of the user."""
        sessions, now = self._site.sessions, self._site.now()
        session = sessions.current(actor.id, PLATFORM_OF_PAGES, now)
        return (session or sessions.open(actor.id, PLATFORM_OF_PAGES, "sugar", now)).access_token

    def guarded(self, html: str) -> Response:
        """A page with the content security policy an administrator set up."""
        response = make_response(html)
        hosts = " ".join(self._site.switches.csp_hosts)
        response.headers["Content-Security-Policy"] = f"frame-src 'self' {hosts}".strip()
        return response


def label(field: Field) -> str:
    """A field's label as the pages word it."""
    return LABELS.get(field.name) or (field.title if field.custom or field.label else field.title.title())


def is_number(field: Field) -> bool:
    """Whether a column is set to the right."""
    return field.type in MONEY_TYPES or field.type == "int"


def routes(api: Api) -> Blueprint:
    """The pages."""
    blueprint = Blueprint("sugarcrm_pages", __name__)
    pages, site = Pages(api), api.site

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        with site.lock:
            return pages.guarded(render_template("sugar_home.html", **pages.frame(pages.user())))

    @blueprint.get("/modules/<module>")
    def list_page(module: str) -> ResponseReturnValue:
        with site.lock:
            actor, layout = pages.user(), pages.need(module)
            page = max(1, request.args.get("page", 1, type=int))
            seen = (r for r in site.tables[module].latest() if site.visible(actor, r))
            rows = list(islice(seen, (page - 1) * PAGE, page * PAGE + 1))
            table = pages.table(actor, module, layout.columns, rows[:PAGE])
            shown = {"table": table, "layout": layout, "title": TITLES.get(module, module), "page": page}
            return pages.guarded(
                render_template("sugar_list.html", **shown, more=len(rows) > PAGE, **pages.frame(actor, module))
            )

    @blueprint.get("/modules/<module>/<record_id>")
    def record_page(module: str, record_id: str) -> ResponseReturnValue:
        if module not in FRAMED:
            abort(404)
        with site.lock:
            actor = pages.user()
            shown = pages.record(actor, module, record_id)
            return pages.guarded(render_template("sugar_record.html", **shown, **pages.frame(actor, module)))

    return blueprint
