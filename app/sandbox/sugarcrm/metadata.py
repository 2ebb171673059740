"""What the instance says of itself: modules and fields, dropdowns, currencies, version; and of its user."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError
from app.sandbox.sugarcrm.fields import Field, Link, Module
from app.sandbox.sugarcrm.router import Answer, Call, Route
from app.sandbox.sugarcrm.schema import NOT_LISTED
from app.sandbox.sugarcrm.site import Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import acl

_DB_TYPES = {
    "currency": "decimal",
    **dict.fromkeys(("name", "phone", "url", "enum", "fullname", "file", "relate"), "varchar"),
}


def metadata_hash(site: Site) -> str:
    """Changes whenever modules or fields do."""
    return hashlib.md5(f"sugar {site.metadata_revision}".encode(), usedforsecurity=False).hexdigest()


def field_view(field: Field) -> Row:
    """A field as metadata has it; keys that do not apply are left out."""
    db_type = {"dbType": _DB_TYPES[field.type]} if field.type in _DB_TYPES else {}
    out: Row = {"name": field.name, "vname": "LBL_" + field.name.upper(), "type": field.type, **db_type}
    optional: Row = {
        "len": "26,6" if field.type in ("currency", "decimal") else field.len,
        "required": field.required,
        "readonly": field.readonly,
        "calculated": field.calculated,
        "options": field.options or (f"{field.name}_list" if field.values else ""),
        "module": field.module,
        "id_name": field.id_name,
        "rname": field.rname,
        "default": str(field.default) if isinstance(field.default, Decimal) else field.default,
        "source": "" if field.stored else "non-db",
        "audited": field.audited,
        "labelValue": field.label if field.custom else "",
    }
    out.update((k, v) for k, v in optional.items() if v not in (False, None, "", 0))
    return {**out, "source": "custom_fields"} if field.custom else out


def link_view(link: Link) -> Row:
    """A link as metadata has it."""
    return {
        "name": link.name,
        "type": "link",
        "relationship": link.relationship.name,
        "module": link.target,
        "side": "left" if link.left else "right",
        "source": "non-db",
        "link_type": "many" if link.many else "one",
        "vname": "LBL_" + link.name.upper(),
    }


class Metadata:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def metadata(self, call: Call) -> Row:
        """All or the parts asked for by type_filter; modules those of module_filter."""
        parts: dict[str, Callable[[], Row]] = {
            "modules": lambda: self._modules(call),
            "full_module_list": self._module_list,
            "server_info": self.server_info,
            "currencies": self._currencies,
            "relationships": self._relationships,
            "config": self._config,
            "labels": lambda: {"en_us": f"{self._site.options.url}/rest/{call.version}/lang/en_us", "default": "en_us"},
        }
        asked = [p for p in str(call.args.get("type_filter", "")).split(",") if p] or list(parts)
        found: Row = {name: parts[name]() for name in asked if name in parts}
        found["_hash"] = metadata_hash(self._site)
        found["_override_values"] = []
        return found

    def _listed(self) -> list[str]:
        schema = self._site.schema
        return [name for name in schema.modules if schema.exists(name) and name not in NOT_LISTED]

    def _modules(self, call: Call) -> Row:
        asked = [m for m in str(call.args.get("module_filter", "")).split(",") if m] or self._listed()
        schema = self._site.schema
        return {name: self._module(call, schema.modules[name]) for name in asked if schema.exists(name)}

    def _module(self, call: Call, module: Module) -> Row:
        schema = self._site.schema
        fields: Row = {f.name: field_view(f) for f in module.fields.values()}
        for link in schema.links[module.name].values():
            if schema.exists(link.target):
                fields.setdefault(link.name, link_view(link))
        fields["_hash"] = metadata_hash(self._site)
        config = {"opps_view_by": schema.opps_view_by} if module.name == "Opportunities" else {}
        return {
            "fields": fields,
            "nameFormat": {},
            "isBwcEnabled": module.name == "Campaigns",
            "favoritesEnabled": True,
            "activityStreamEnabled": True,
            "acl": acl(self._site, call.actor, module),
            "config": config,
            "menu": {}, "views": {}, "layouts": {}, "filters": {}, "dependencies": [],
            "_hash": metadata_hash(self._site),
        }  # fmt: skip

    def _module_list(self) -> Row:
        return {**{name: name for name in self._listed()}, "_hash": metadata_hash(self._site)}

    def _currencies(self) -> Row:
        return {
            row["id"]: {
                "id": row["id"],
                "name": row["name"],
                "symbol": row["symbol"],
                "iso4217": row["iso4217"],
                "conversion_rate": f"{row['conversion_rate']:.6f}",
                "status": row["status"],
            }
            for row in self._site.tables["Currencies"].rows.values()
        }

    def _relationships(self) -> Row:
        found: Row = {}
        for links in self._site.schema.links.values():
            for one in (link.relationship for link in links.values()):
                found[one.name] = {
                    "name": one.name,
                    "lhs_module": one.lhs,
                    "rhs_module": one.rhs,
                    "relationship_type": "one-to-many" if one.key else "many-to-many",
                    "rhs_key": one.key or "id",
                }
        return {**found, "_hash": metadata_hash(self._site)}

    def _config(self) -> Row:
        return {"maxQueryResult": 20, "opps_view_by": self._site.schema.opps_view_by, "tagAddOnly": False}

    def server_info(self, call: Call | None = None) -> Row:
        """Version, flavour, build."""
        now = self._site.now()
        return {
            "flavor": self._site.switches.flavor,
            "version": self._site.switches.version,
            "build": "345",
            "product_name": "SugarCRM Enterprise",
            "fts": {"enabled": True, "type": "Elastic"},
            "gmt_date": now.strftime("%Y-%m-%d %H:%M:%S"),
            "server_time": now.isoformat(),
            "site_id": "storeline-sandbox",
        }

    def public(self, call: Call) -> Row:
        """The part that needs no login."""
        return {"server_info": self.server_info(), "config": {}, "_hash": metadata_hash(self._site)}

    def hash(self, call: Call) -> str:
        """The hash alone."""
        return metadata_hash(self._site)

    def language(self, call: Call, locale: str) -> Row:
        """All dropdown lists and labels."""
        if locale != "en_us":
            raise ApiError("not_found", f"Could not find language: {locale}")
        schema = self._site.schema
        custom = {
            f"{f.name}_list": {v: v for v in f.values}
            for m in schema.modules.values()
            for f in m.fields.values()
            if f.values
        }
        strings: Row = {**schema.dropdowns, **custom}
        strings["moduleList"] = {name: name for name in self._listed()}
        strings["moduleListSingular"] = {name: schema.modules[name].singular for name in self._listed()}
        labels = {
            m.name: {"LBL_" + f.name.upper(): f.title for f in m.fields.values()} for m in schema.modules.values()
        }
        return {
            "app_list_strings": strings,
            "app_strings": {},
            "mod_strings": labels,
            "_hash": metadata_hash(self._site),
        }

    def help(self, call: Call) -> Answer:
        """The list of endpoints for people."""
        page = "<!doctype html><title>Sugar REST API</title><h1>Sugar REST API</h1>"
        return Answer(page.encode(), headers={"Content-Type": "text/html; charset=utf-8"})


class Me:
    """The handlers about the user who calls."""

    def __init__(self, api: Api) -> None:
        self._site = api.site

    def ping(self, call: Call) -> str:
        """Whether the token is good."""
        return "pong" if call.actor else ""

    def me(self, call: Call) -> Row:
        """The user, rights and preferences."""
        user, site = call.actor.user, self._site
        teams = site.tables["Teams"].rows
        acls: Row = {m.name: {**acl(site, call.actor, m), "_hash": ""} for m in site.schema.modules.values()}
        current = {
            "id": user["id"],
            "user_name": user["user_name"],
            "full_name": user["name"],
            "first_name": user["first_name"] or "",
            "last_name": user["last_name"],
            "type": "admin" if call.actor.admin else "user",
            "email": site.emails.show(("Users", user["id"])),
            "preferences": self._preferences(call),
            "acl": acls,
            "my_teams": [{"id": t, "name": teams[t]["name"]} for t in sorted(call.actor.teams) if t in teams],
            "private_team_id": next((t for t in call.actor.teams if t in teams and teams[t]["private"]), ""),
            "is_manager": bool(site.tables["Users"].find("reports_to_id", user["id"])),
            "is_password_expired": False,
            "show_wizard": False,
            "module_list": [m for m in site.schema.modules if site.schema.exists(m)],
            "_hash": metadata_hash(site),
        }
        return {"current_user": current}

    def _preferences(self, call: Call) -> Row:
        defaults: Row = {
            "timezone": str(call.actor.zone),
            "datepref": "m/d/Y",
            "timepref": "h:ia",
            "language": "en_us",
            "currency_id": "-99",
            "decimal_precision": 2,
            "default_teams": [],
        }
        return {**defaults, **self._site.preferences[call.actor.id]}

    def preferences(self, call: Call) -> Row:
        """Read or change preferences."""
        if call.method == "PUT":
            self._set(call, call.data)
        return self._preferences(call)

    def preference(self, call: Call, name: str) -> Any:
        """Read or change one preference."""
        if call.method == "PUT":
            self._set(call, {name: call.data.get("value", "")})
        return self._preferences(call).get(name, "")

    def _set(self, call: Call, values: Row) -> None:
        self._site.preferences[call.actor.id].update(values)
        if "timezone" in values:
            self._site.tables["Users"].update(call.actor.user, {"timezone": values["timezone"]})
            self._site.forget_actors()
            call.user = self._site.actor(call.actor.user)

    def following(self, call: Call) -> list[Row]:
        """What the user follows."""
        mine = sorted(f for f in self._site.follows if f[0] == call.actor.id)
        return [{"module": module, "record": record_id} for _, module, record_id in mine]


def routes(api: Api) -> list[Route]:
    """Metadata and the user."""
    meta, me = Metadata(api), Me(api)
    return [
        Route("GET", "metadata", meta.metadata),
        Route("GET", "metadata/public", meta.public, public=True),
        Route("GET", "metadata/_hash", meta.hash),
        Route("GET", "ServerInfo", meta.server_info),
        Route("GET", "lang/<locale>", meta.language),
        Route("GET", "help", meta.help),
        Route("GET", "ping", me.ping),
        Route("GET", "me", me.me),
        *(Route(m, "me/preferences", me.preferences) for m in ("GET", "PUT")),
        *(Route(m, "me/preference/<name>", me.preference) for m in ("GET", "PUT")),
        Route("GET", "me/following", me.following),
    ]
