"""Record and list pages that look like Lightning and frame the panel as a Canvas app."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.sandbox.salesforce.canvas import canvas_url, context_of, sign
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.layouts import CANVAS_OBJECTS, LAYOUTS, Layout
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import org_id
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import show

PAGE = 25
RELATED_ROWS = 10
ORDER_LINES = 200


class Pages:
    """Builds what the templates show from one org."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def title(self, row: Row | None) -> str:
        """The name of a record."""
        table = self._org.db.table_of(row["Id"]) if row else None
        sobject = self._org.schema.find(table.name) if table else None
        if row is None or table is None or sobject is None:
            return ""
        if table.name == "Case":
            return f"{row['CaseNumber']} {row.get('Subject') or ''}".strip()
        return str(row.get(sobject.name_field) or row["Id"])

    def cell(self, field: Field, row: Row) -> dict[str, str]:
        """A value as text, and where it leads."""
        value = show(field, row)
        if value is None or value == "":
            return {"text": "", "href": ""}
        if field.type == "reference":
            target = self._org.db.get(value)
            table = self._org.db.table_of(value)
            linked = table is not None and table.name in LAYOUTS
            return {"text": self.title(target) or value, "href": self.href(value) if linked else ""}
        return {"text": shown_text(self._org, field, row, value), "href": _href(field, str(value))}

    def href(self, record_id: str) -> str:
        """The record page of an id."""
        table = self._org.db.table_of(record_id)
        return f"/lightning/r/{table.name}/{record_id}/view" if table else ""

    def labelled(self, sobject: SObject, row: Row, names: tuple[str, ...]) -> list[dict[str, Any]]:
        """Label and value of each field the org has."""
        found = [sobject.fields[name] for name in names if name in sobject.fields]
        return [{"label": _label(f), "name": f.name, **self.cell(f, row)} for f in found]

    def custom(self, sobject: SObject, row: Row) -> list[dict[str, Any]]:
        """The custom fields that have a value."""
        names = tuple(f.name for f in sobject.fields.values() if f.custom and row.get(f.name) not in (None, False))
        return self.labelled(sobject, row, names)

    def table(self, sobject: SObject, columns: tuple[str, ...], rows: list[Row]) -> dict[str, Any]:
        """Rows of a list, the first column leading to the record."""
        fields = [sobject.fields[c] for c in columns if c in sobject.fields]
        body = []
        for row in rows:
            cells = [self.cell(f, row) for f in fields]
            if sobject.name in LAYOUTS:
                cells[0]["href"] = self.href(row["Id"])
                cells[0]["text"] = cells[0]["text"] or row["Id"]
            body.append(cells)
        numeric = [f.type in ("currency", "double", "percent") for f in fields]
        return {"head": [_label(f) for f in fields], "numeric": numeric, "body": body}

    def related(self, layout: Layout, row: Row) -> list[dict[str, Any]]:
        """The related lists of a record."""
        lists = []
        for one in layout.related:
            sobject = self._org.schema.find(one.sobject)
            if sobject is None:
                continue
            rows = self._org.db.children(one.sobject, one.field, row["Id"])
            shown = rows if one.sobject == "OrderItem" else rows[::-1]
            most = ORDER_LINES if one.sobject == "OrderItem" else RELATED_ROWS
            table = self.table(sobject, one.columns, shown[:most])
            lists.append({"title": one.title, "count": len(rows), **table})
        return lists


def _label(field: Field) -> str:
    return field.title.removesuffix(" ID")


def _href(field: Field, value: str) -> str:
    prefixes = {"email": "mailto:", "phone": "tel:", "url": "" if value.startswith("http") else "https://"}
    return prefixes[field.type] + value if field.type in prefixes else ""


def shown_text(org: Org, field: Field, row: Row, value: Any) -> str:
    """A value for people."""
    if field.type == "address":
        parts = ("street", "city", "state", "postalCode", "country")
        return ", ".join(str(value[p]) for p in parts if value.get(p))
    if field.type == "currency":
        currency = row.get("CurrencyIsoCode") if org.switches.multi_currency else org.switches.currency
        return f"{currency} {Decimal(str(value)):,.{field.scale}f}"
    if field.type == "boolean":
        return "Yes" if value else "No"
    if field.type == "datetime":
        return f"{value[:10]} {value[11:16]}"
    if field.type in ("double", "percent"):
        return f"{Decimal(str(value)):,.{field.scale}f}" + ("%" if field.type == "percent" else "")
    return str(value)


def routes(org: Org) -> Blueprint:
    """Home and list pages."""
    blueprint = Blueprint("lightning", __name__)
    pages = Pages(org)

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        with org.lock:
            tiles = _tiles(org)
            return render_template("home.html", tiles=tiles, tabs=_tabs(org), org_name=_org_name(org), active="")

    @blueprint.get("/lightning/o/<name>/list")
    def list_page(name: str) -> ResponseReturnValue:
        with org.lock:
            sobject, layout = _layout(org, name)
            rows = list(org.db.tables[sobject.name].rows.values())[::-1]
            page = max(1, request.args.get("page", 1, type=int))
            shown = rows[(page - 1) * PAGE : page * PAGE]
            return render_template(
                "list.html",
                sobject=sobject,
                layout=layout,
                table=pages.table(sobject, layout.columns, shown),
                count=len(rows),
                page=page,
                pages=max(1, -(-len(rows) // PAGE)),
                tabs=_tabs(org),
                org_name=_org_name(org),
                active=sobject.name,
            )

    return blueprint


def _tiles(org: Org) -> list[dict[str, Any]]:
    return [
        {"name": s.name, "plural": s.plural, "layout": LAYOUTS[s.name], "count": len(org.db.tables[s.name].rows)}
        for s in org.schema
        if s.name in LAYOUTS
    ]


def record_routes(org: Org) -> Blueprint:
    """The record page, which frames the panel."""
    blueprint = Blueprint("lightning_records", __name__)
    pages = Pages(org)

    @blueprint.get("/lightning/r/<name>/<record_id>/view")
    def record_page(name: str, record_id: str) -> ResponseReturnValue:
        with org.lock:
            sobject, layout = _layout(org, name)
            row = org.db.tables[sobject.name].rows.get(record_id)
            if row is None:
                abort(404)
            panel = sobject.name in CANVAS_OBJECTS
            return render_template(
                "record.html",
                sobject=sobject,
                layout=layout,
                title=pages.title(row),
                highlights=pages.labelled(sobject, row, layout.highlights),
                details=pages.labelled(sobject, row, layout.details),
                custom=pages.custom(sobject, row),
                related=pages.related(layout, row),
                canvas_url=canvas_url(org) if panel else "",
                signed_request=sign(context_of(org, sobject.name, record_id)) if panel else "",
                tabs=_tabs(org),
                org_name=_org_name(org),
                active=sobject.name,
            )

    return blueprint


def _layout(org: Org, name: str) -> tuple[SObject, Layout]:
    sobject = org.schema.find(name)
    if sobject is None or sobject.name not in LAYOUTS:
        abort(404)
    return sobject, LAYOUTS[sobject.name]


def _tabs(org: Org) -> list[dict[str, str]]:
    return [{"name": s.name, "plural": s.plural} for s in org.schema if s.name in LAYOUTS]


def _org_name(org: Org) -> str:
    return str((org.db.get(org_id(org)) or {}).get("Name"))
