"""Lists and record pages with a Fiori look, which frame the HTML mashup."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from app.sandbox.sap_sales_cloud import partners, reading, values
from app.sandbox.sap_sales_cloud.layouts import LABELS, LAYOUTS, Layout
from app.sandbox.sap_sales_cloud.metadata import label
from app.sandbox.sap_sales_cloud.model import EntityType, Property
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import USERS

PAGE = 25
RELATED_ROWS = 200
VIEWER = USERS["mike"]  # who is signed in to the pages


class Pages:
    """Builds what the templates show."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def cell(self, entity: EntityType, row: Row, prop: Property) -> dict[str, str]:
        """A value for people, and where it leads."""
        value = reading.value(self._tenant, entity, row, prop.name)
        if prop.codes and value:
            return {"text": reading.description(entity, row, prop.name) or value, "href": ""}
        text = shown(prop, value)
        if prop.edm == "Edm.Decimal" and prop.scale == 6 and value is not None:
            text = f"{value:,.2f} {row.get(prop.name + 'CurrencyCode') or row.get('CurrencyCode') or ''}".strip()
        href = self.href(value) if prop.name in entity.parties and value else ""
        return {"text": text, "href": href}

    def href(self, partner_id: str) -> str:
        """The page of a business partner by its human id."""
        for name, prop in partners.PLACES["any"]:
            found = self._tenant.table(name).first(prop, partner_id)
            if found is not None and name in LAYOUTS:
                return f"/{name}/{found['ObjectID']}"
        return ""

    def facts(self, entity: EntityType, row: Row, names: tuple[str, ...]) -> list[dict[str, str]]:
        """Label and value of some properties."""
        props = [entity.properties[name] for name in names]
        return [{"label": shown_label(p.name), **self.cell(entity, row, p)} for p in props]

    def extensions(self, entity: EntityType, row: Row) -> list[dict[str, str]]:
        """The key users' fields."""
        return self.facts(entity, row, tuple(name for name in entity.properties if name.endswith("_KUT")))

    def table(self, entity: EntityType, columns: tuple[str, ...], rows: list[Row]) -> dict[str, Any]:
        """Rows of a list, the first column leading to the record."""
        props = [entity.properties[name] for name in columns]
        body = [[self.cell(entity, row, prop) for prop in props] for row in rows]
        if entity.name in LAYOUTS:
            for cells, row in zip(body, rows, strict=True):
                cells[0] = {"text": cells[0]["text"] or row["ObjectID"], "href": f"/{entity.name}/{row['ObjectID']}"}
        numeric = [prop.edm in ("Edm.Decimal", "Edm.Int32") for prop in props]
        return {"head": [shown_label(p.name) for p in props], "numeric": numeric, "body": body}

    def related(self, layout: Layout, row: Row) -> list[dict[str, Any]]:
        """The children and the documents of a record."""
        lists = []
        for one in layout.related:
            entity = self._tenant.schema.entities[one.entity]
            table = self._tenant.table(entity)
            rows = table.find(one.far, row.get(one.near) or "")
            newest = rows if entity.parent else rows[::-1]
            shown_rows = self.table(entity, one.columns, newest[:RELATED_ROWS])
            lists.append({"title": one.title, "count": len(rows), **shown_rows})
        return lists

    def mashup(self, entity: EntityType, row: Row) -> str:
        """The framed address with the bound parameters; empty until the administrator has authored one."""
        base = self._tenant.mashup_url
        if not base:
            return ""
        parameters = {
            "object": entity.name,
            "id": row["ObjectID"],
            "account": self._account(entity, row),
            "email": row.get("Email") or self._email(entity, row),
            "user": VIEWER.id,
        }
        parts = urlsplit(base)
        query = "&".join(filter(None, (parts.query, urlencode(parameters))))
        return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))

    @staticmethod
    def _account(entity: EntityType, row: Row) -> str:
        name = entity.human if entity.numbers == "partner" else LAYOUTS[entity.name].buyer
        return str(row.get(name) or "")

    def _email(self, entity: EntityType, row: Row) -> str:
        buyer = partners.find(self._tenant, "any", self._account(entity, row))
        return str(partners.detail(buyer, "email"))


def shown_label(name: str) -> str:
    """A property's label on the pages."""
    return LABELS.get(name) or label(name).removesuffix(" Code")


def shown(prop: Property, value: Any) -> str:
    """A value as text for people."""
    if value is None or value == "":
        return ""
    if prop.edm == "Edm.Boolean":
        return "Yes" if value else "No"
    if prop.precision == 7:
        return values.iso(value)[:10] if prop.edm == "Edm.DateTime" else values.iso(value)[:16].replace("T", " ")
    if prop.edm == "Edm.Decimal":
        return f"{value:,f}".rstrip("0").rstrip(".") if prop.scale > 2 else f"{value:,.2f}"
    return str(value)


def routes(tenant: Tenant) -> Blueprint:
    """Home, lists, records."""
    blueprint = Blueprint("sap_pages", __name__)
    pages = Pages(tenant)

    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        with tenant.lock:
            tiles = [
                {"name": name, "title": layout.title, "count": len(tenant.table(name).rows)}
                for name, layout in LAYOUTS.items()
            ]
            return render_template("home.html", tiles=tiles, layouts=LAYOUTS, active="", viewer=VIEWER)

    @blueprint.get("/<name>")
    def list_page(name: str) -> ResponseReturnValue:
        entity, layout = _known(tenant, name)
        page = max(1, request.args.get("page", 1, type=int))
        with tenant.lock:
            keys = list(tenant.table(entity).rows)[::-1]
            rows = [tenant.table(entity).rows[key] for key in keys[(page - 1) * PAGE : page * PAGE]]
            return render_template(
                "list.html",
                layout=layout,
                table=pages.table(entity, layout.columns, rows),
                count=len(keys),
                page=page,
                pages=max(1, -(-len(keys) // PAGE)),
                layouts=LAYOUTS,
                active=entity.name,
                viewer=VIEWER,
            )

    @blueprint.get("/<name>/<object_id>")
    def record_page(name: str, object_id: str) -> ResponseReturnValue:
        entity, layout = _known(tenant, name)
        with tenant.lock:
            row = tenant.table(entity).rows.get(object_id)
            if row is None:
                abort(404)
            title = reading.value(tenant, entity, row, layout.heading) or row.get(entity.human)
            return render_template(
                "record.html",
                layout=layout,
                title=title,
                number=row.get(entity.human),
                header=pages.facts(entity, row, layout.header),
                details=pages.facts(entity, row, layout.details),
                extensions=pages.extensions(entity, row),
                related=pages.related(layout, row),
                mashup=pages.mashup(entity, row),
                layouts=LAYOUTS,
                active=entity.name,
                viewer=VIEWER,
            )

    return blueprint


def _known(tenant: Tenant, name: str) -> tuple[EntityType, Layout]:
    if name not in LAYOUTS:
        abort(404)
    return tenant.schema.entities[name], LAYOUTS[name]
