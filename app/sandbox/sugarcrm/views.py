"""Records as the API shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from app.sandbox.sugarcrm.fields import Field, Module
from app.sandbox.sugarcrm.site import Actor, Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.values import shower

ALWAYS = ("id", "date_modified")
_STUBS = ("modified_user_id", "created_by", "assigned_user_id")


def record_view(site: Site, actor: Actor, module: str, row: Row, names: Collection[str] | None = None) -> Row:
    """A record; with `names` only those fields, and always id and date_modified."""
    found = site.schema.modules[module]
    if row["deleted"]:
        shown = {"id": row["id"], "date_modified": row["date_modified"].astimezone(actor.zone).isoformat()}
        return {**shown, "deleted": True, "_acl": {"fields": {}}, "_module": module}
    wanted = found.fields if names is None else dict.fromkeys((*ALWAYS, *names))
    out: Row = {}
    for name in wanted:
        field = found.fields.get(name)
        if field is None:
            continue
        if field.stored:
            out[name] = shower(field)(row[name], actor.zone)
        else:
            _SPECIAL.get(field.type, _relate)(site, actor, found, row, field, out)
    out["_acl"] = acl(site, actor, found)
    out["_module"] = module
    return out


def acl(site: Site, actor: Actor, module: Module) -> Row:
    """What the user may not do with records of the module."""
    refused = {} if actor.admin or not module.admin_writes else dict.fromkeys(("create", "edit", "delete"), "no")
    return {**refused, "fields": {}}


def title(site: Site, module: str, record_id: str | None) -> str:
    """The name of a record, empty if there is none."""
    row = site.tables[module].rows.get(record_id or "") if module in site.tables else None
    return str(row["name"] or "") if row else ""


def _relate(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    if field.type == "relate" and field.module:
        out[field.name] = title(site, field.module, row[field.id_name])
    elif field.name == "team_id":
        out["team_id"] = row["_teams"][0][0] if row["_teams"] else ""
    elif field.name == "team_set_id":
        out["team_set_id"] = "-".join(sorted(team for team, _ in row["_teams"]))[:36]
    elif field.name not in _WRITE_ONLY:
        out[field.name] = ""


_WRITE_ONLY = {"sales_stage_cascade", "date_closed_cascade", "filename_guid", "password"}


def _parent(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    out[field.name] = title(site, row["parent_type"] or "", row["parent_id"])


def _full_name(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    out[field.name] = row["name"] or ""


def _email(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    out["email"] = site.emails.show((module.name, row["id"]))


def _old_email(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    owned = site.emails.of((module.name, row["id"]))
    primary = [a for a, is_primary in owned if is_primary]
    others = [a for a, is_primary in owned if not is_primary]
    out[field.name] = next((a.address for a in (primary if field.name == "email1" else others)), "")


def _flag(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    if field.name == "my_favorite":
        out[field.name] = (actor.id, module.name, row["id"]) in site.favorites
    elif field.name == "following":
        out[field.name] = (actor.id, module.name, row["id"]) in site.follows
    else:
        primary = site.emails.primary((module.name, row["id"]))
        out[field.name] = bool(primary and (primary.opt_out if field.name == "email_opt_out" else primary.invalid))


def _teams(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    if field.name != "team_name":
        out[field.name] = []
        return
    teams = site.tables["Teams"].rows
    out["team_name"] = [
        {
            "id": team,
            "name": teams[team]["name"] if team in teams else "",
            "name_2": (teams[team]["name_2"] if team in teams else None) or "",
            "primary": n == 0,
            "selected": selected,
        }
        for n, (team, selected) in enumerate(row["_teams"])
    ]


def _tags(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    tags = site.tables["Tags"].rows
    out["tag"] = [
        {"id": t, "name": tags[t]["name"], "tags__name_lower": tags[t]["name_lower"]} for t in row["_tags"] if t in tags
    ]


def _list(site: Site, actor: Actor, module: Module, row: Row, field: Field, out: Row) -> None:
    out[field.name] = [] if field.type == "locked_fields" else {"next_offset": -1, "records": []}


_SPECIAL = {
    "parent": _parent,
    "fullname": _full_name,
    "email": _email,
    "varchar": _old_email,
    "bool": _flag,
    "teamset": _teams,
    "tag": _tags,
    "locked_fields": _list,
    "collection": _list,
}


def hook_view(site: Site, actor: Actor, module: str, row: Row) -> Row:
    """A record as a web logic hook carries it: with stubs of the users it names."""
    shown = record_view(site, actor, module, row) if not row["deleted"] else _deleted_view(site, actor, module, row)
    for key in _STUBS:
        stub = f"{key.removesuffix('_id')}_link"
        name = title(site, "Users", row[key])
        shown[stub] = {"full_name": name, "id": row[key] or "", "_acl": {"fields": [], "_hash": ""}}
    return shown


def _deleted_view(site: Site, actor: Actor, module: str, row: Row) -> Row:
    return {**record_view(site, actor, module, {**row, "deleted": False}), "deleted": True}


def all_fields(site: Site, module: str) -> list[dict[str, Any]]:
    """All live records of a module with all their fields, for the control routes."""
    actor = site.administrator()
    return [record_view(site, actor, module, row) for row in site.tables[module].rows.values()]
