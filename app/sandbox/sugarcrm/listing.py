"""Lists: filter, order, page, and the fields shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.emails import truth
from app.sandbox.sugarcrm.errors import ApiError, invalid
from app.sandbox.sugarcrm.fields import Link
from app.sandbox.sugarcrm.filters import Compiler, Condition
from app.sandbox.sugarcrm.site import Actor, Site
from app.sandbox.sugarcrm.store import Row, index_key
from app.sandbox.sugarcrm.views import record_view, title

DEFAULT_PAGE = 20
Args = dict[str, Any]
Order = list[tuple[str, bool]]  # field, descending
LIST_VIEW = ("name", "assigned_user_name", "assigned_user_id", "date_entered", "my_favorite", "following")


def wanted_fields(given: Any) -> tuple[list[str], list[Args]]:
    """`fields` as a comma list, a JSON array, or a list with objects for links: names and link objects."""
    items = given if isinstance(given, list) else list(_split(str(given or "")))
    names = [str(i) for i in items if not isinstance(i, dict)]
    return names, [i for i in items if isinstance(i, dict) and i.get("name")]


def _split(text: str) -> Iterator[Any]:
    text = text.strip()
    decoder = json.JSONDecoder()
    while text:
        try:
            if text[0] in "{[":
                one, end = decoder.raw_decode(text)
                text = text[end:].lstrip(", ")
                yield from one if isinstance(one, list) else [one]
                continue
        except ValueError as error:
            raise invalid("Did not recognize the fields.") from error
        name, _, text = text.partition(",")
        text = text.lstrip()
        if name.strip():
            yield name.strip()


def shown(api: Api, actor: Actor, module: str, row: Row, args: Args) -> Row:
    """One record as `fields` and `view` ask for it."""
    names, links = wanted_fields(args.get("fields"))
    if not names and not links:
        listed = (
            [f for f in LIST_VIEW if f in api.site.schema.modules[module].fields]
            if args.get("view") == "list"
            else None
        )
        return record_view(api.site, actor, module, row, listed)
    out = record_view(api.site, actor, module, row, names)
    if row["deleted"]:
        return out
    for name in names:
        if name in api.site.schema.links[module] and name not in out:
            links.append({"name": name})
    for inner in links:
        link = api.site.schema.link(module, str(inner["name"]))
        out[link.name] = related_list(api, actor, link, row, inner)
    return out


def related_list(api: Api, actor: Actor, link: Link, row: Row, args: Args) -> Row:
    """The records behind a link, each with its role."""
    rows = api.linker.related(link, row)
    page = Page(api, actor, link.target, args)
    found, next_offset = page.take(rows)
    records = [{**shown(api, actor, link.target, other, args), **api.linker.roles(link, row, other)} for other in found]
    return {"next_offset": next_offset, "records": records}


def listed(api: Api, actor: Actor, module: str, args: Args) -> Row:
    """A page of a module's list."""
    found, next_offset = Page(api, actor, module, args).take(None)
    return {"next_offset": next_offset, "records": [shown(api, actor, module, row, args) for row in found]}


def counted(api: Api, actor: Actor, module: str, args: Args, rows: Iterable[Row] | None = None) -> int:
    """How many records a filter finds."""
    return sum(1 for _ in Page(api, actor, module, args).matching(rows))


class Page:
    """What one list call asks for."""

    def __init__(self, api: Api, actor: Actor, module: str, args: Args) -> None:
        self._site: Site = api.site
        self._actor = actor
        self._module = module
        api.site.check_module(actor, module)
        self._condition = self._compile(api, args)
        self._order = self._order_of(args.get("order_by"))
        self._offset = max(0, number(args, "offset", 0))
        asked = number(args, "max_num", DEFAULT_PAGE)
        cap = api.site.switches.max_num_cap
        self._limit = min(asked, cap) if asked > 0 else (cap if asked < 0 else DEFAULT_PAGE)
        self._with_deleted = truth(args.get("deleted")) and api.site.switches.deleted_argument

    def _compile(self, api: Api, args: Args) -> Condition:
        given = args.get("filter") or []
        if isinstance(given, str):
            try:
                given = json.loads(given)
            except ValueError as error:
                raise invalid("Did not recognize the definition of the filter.") from error
        extra: list[Any] = [{"$favorite": ""}] if truth(args.get("favorites")) else []
        extra += [{"$owner": ""}] if truth(args.get("my_items")) else []
        if args.get("q"):
            extra.append({"name": {"$contains": args["q"]}})
        try:
            return Compiler(api.site, api.linker, self._actor, self._module).compile(
                [*(given if isinstance(given, list) else [given]), *extra]
            )
        except (ValueError, TypeError, ArithmeticError) as error:
            raise invalid(f"Bad value in filter: {error}") from error

    def _order_of(self, given: Any) -> Order:
        fields = self._site.schema.modules[self._module].fields
        order: Order = []
        for part in str(given or "").split(","):
            name, _, direction = part.strip().partition(":")
            if not name:
                continue
            if name not in fields:
                raise invalid(f"Unknown field {name} in module {self._module}")
            order.append((name, direction.strip().lower() == "desc"))
        return order

    def matching(self, rows: Iterable[Row] | None) -> Iterator[Row]:
        """Rows that pass, the last changed first where no index was used."""
        table, test = self._site.tables[self._module], self._condition.test
        if rows is None and self._condition.candidates is not None:
            rows = self._by_id(dict.fromkeys(self._condition.candidates.ids()))
        elif rows is None:
            rows = table.latest(self._with_deleted)
        site, actor = self._site, self._actor
        try:
            for row in rows:
                if site.visible(actor, row) and test(row):
                    yield row
        except TypeError as error:
            raise invalid(f"Bad value in filter: {error}") from error

    def _by_id(self, ids: Iterable[str]) -> Iterator[Row]:
        table = self._site.tables[self._module]
        for record_id in ids:
            row = table.rows.get(record_id) or (table.gone.get(record_id) if self._with_deleted else None)
            if row:
                yield row

    def take(self, rows: Iterable[Row] | None) -> tuple[list[Row], int]:
        """The page, and the offset of the next one, -1 on the last."""
        end = self._offset + self._limit
        found = self.matching(rows)
        if rows is None and self._condition.candidates is None and not self._order:
            page = list(islice(found, self._offset, end + 1))
        else:
            page = self._sorted(list(found))[self._offset : end + 1]
        return page[: self._limit], end if len(page) > self._limit else -1

    def _sorted(self, rows: list[Row]) -> list[Row]:
        for name, descending in reversed(self._order or [("date_modified", True)]):
            get = self._getter(name)
            rows.sort(key=lambda row: _sort_key(get(row)), reverse=descending)  # used at once
        return rows

    def _getter(self, name: str) -> Any:
        field = self._site.schema.modules[self._module].fields[name]
        if field.stored:
            return lambda row: row[name]
        if field.type == "relate" and field.module:
            return lambda row: title(self._site, field.module, row[field.id_name])
        return lambda row: row["name"]


def _sort_key(value: Any) -> tuple[bool, Any]:
    return (value is not None, index_key(value) if value is not None else 0)


def number(args: Args, name: str, default: int) -> int:
    """A whole number among the arguments; 422 invalid_parameter if it is none."""
    try:
        return int(args.get(name, default))
    except (TypeError, ValueError) as error:
        raise ApiError("invalid_parameter", f"{name} must be a number") from error
