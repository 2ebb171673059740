"""The OData service: finds what a path means and reads or changes it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from app.sandbox.sap_sales_cloud import code_lists, functions, metadata, reading, rendering, values, writes
from app.sandbox.sap_sales_cloud.calls import Call, Outcome
from app.sandbox.sap_sales_cloud.errors import ApiError, bad, forbidden, missing
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.paths import Segment, parse
from app.sandbox.sap_sales_cloud.queries import Query
from app.sandbox.sap_sales_cloud.rendering import Found
from app.sandbox.sap_sales_cloud.representation import Shape, Tree, entity_path, follow
from app.sandbox.sap_sales_cloud.saving import Save
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant

WRITES = frozenset({"POST", "PUT", "PATCH", "MERGE", "DELETE"})


class Service:
    """The entities of one tenant behind `c4codataapi`. Hold the tenant's lock."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    def handle(self, call: Call, save: Save | None) -> Outcome:
        """Do what a call asks; changes need a save to go into."""
        segments = parse(call.path)
        if not segments:
            return rendering.service_document(self.tenant, call)
        first = segments[0]
        if first.name == "$metadata":
            return metadata.answer(self.tenant, call)
        if first.name in self.tenant.schema.functions:
            return functions.call(self.tenant, call, save, first.name)
        entity = self.tenant.schema.sets.get(first.name)
        if entity is None:
            raise missing(f"Resource not found for the segment '{first.name}'")
        if entity.code_list:
            return code_lists.answer(self.tenant, call, entity, segments)
        reading.check_use(self.tenant, call.user, entity)
        if first.key is None:
            return self._on_set(call, save, entity, segments[1:], None)
        row = self.find(call, entity, first.key)
        return self._on_entity(call, save, entity, row, segments[1:])

    def find(self, call: Call, entity: EntityType, key: dict[str, str]) -> Row:
        """The row of a key; 404, or what the tenant answers for rows of another territory."""
        table = self.tenant.table(entity)
        human = entity.human if call.human_keys else ""
        (name, value), *more = key.items()
        if more or name not in ("", "ObjectID", human):
            raise bad("Invalid key predicate")
        row: Row | None = table.first(human, value) if human and name != "ObjectID" else table.rows.get(value)
        if row is None:
            raise missing(f"Resource not found: {entity.name} '{value}'")
        if not reading.is_visible(self.tenant, call.user, entity, row):
            status = self.tenant.switches.hidden_status
            raise forbidden() if status == 403 else ApiError(status, "Resource not found")
        return row

    def _on_entity(self, call: Call, save: Save | None, entity: EntityType, row: Row, rest: list[Segment]) -> Outcome:
        if not rest:
            return self._whole(call, save, entity, row)
        step = rest[0]
        nav = self.tenant.schema.navigations[entity.name].get(step.name)
        if nav is None:
            return self._property(call, entity, row, rest)
        target = self.tenant.schema.entities[nav.target]
        reading.check_use(self.tenant, call.user, target)
        if nav.many and step.key is None:
            return self._on_set(call, save, target, rest[1:], (entity, row, nav))
        rows = follow(self.tenant, call, entity, nav, row)
        if step.key is not None:
            rows = [one for one in rows if one["ObjectID"] in step.key.values()]
        if not rows:
            raise missing(f"Resource not found for the segment '{step.name}'")
        return self._on_entity(call, save, target, rows[0], rest[1:])

    def _on_set(
        self, call: Call, save: Save | None, entity: EntityType, rest: list[Segment], among: tuple[Any, Row, Any] | None
    ) -> Outcome:
        if call.method == "POST" and not rest:
            return self._create(call, save, entity, among[1] if among else None)
        if call.method != "GET":
            raise ApiError(405, f"Method {call.method} is not allowed for an entity set")
        rows = follow(self.tenant, call, *_reordered(among)) if among else None
        query = Query(self.tenant, call, entity, rows)
        if rest:
            if len(rest) > 1 or rest[0].name != "$count":
                raise missing(f"Resource not found for the segment '{rest[0].name}'")
            return rendering.text(str(query.count()))
        page = query.page()
        return Found(self.tenant, call, entity).many(page.rows, page.count, page.next_row)

    def _whole(self, call: Call, save: Save | None, entity: EntityType, row: Row) -> Outcome:
        if call.method == "GET":
            return Found(self.tenant, call, entity).one(row)
        if save is None or call.method == "POST":
            raise ApiError(405, f"Method {call.method} is not allowed for an entity")
        if call.headers.get("if-match"):
            save.check_version(entity, row, call.headers["if-match"])
        if call.method == "DELETE":
            writes.delete(save, entity, row)
        else:
            writes.update(save, entity, row, body_of(call), replace=call.method == "PUT")
        return Outcome(204)

    def _create(self, call: Call, save: Save | None, entity: EntityType, parent: Row | None) -> Outcome:
        if save is None:
            raise ApiError(405, "Method POST is not allowed here")
        body = body_of(call)
        row = writes.create(save, entity, body, parent)
        object_id = row["ObjectID"]
        tenant = self.tenant

        def stored() -> Row:
            found: Row = tenant.table(entity).rows.get(object_id, row)
            return found

        def headers() -> dict[str, str]:
            version = reading.version(tenant, entity, stored())
            location = call.base + entity_path(entity, stored(), call.human_keys)
            return {"location": location, "etag": values.etag_of(version)}

        made = entity_path(entity, row, call.human_keys)
        if call.headers.get("odata-no-response-payload", "").lower() == "true":
            return Outcome(201, headers=headers, made=made)
        expand: Tree = {n: {} for n in body if n in entity.children} if tenant.switches.deep_response else {}
        shape = Shape(tenant, call, entity, expand, [])
        return rendering.entity(tenant, call, shape, stored, 201, headers, made)

    def _property(self, call: Call, entity: EntityType, row: Row, rest: list[Segment]) -> Outcome:
        name = rest[0].name
        prop = entity.properties.get(name)
        if prop is None or len(rest) > 2 or (len(rest) == 2 and rest[1].name != "$value"):
            raise missing(f"Resource not found for the segment '{rest[-1].name}'")
        if call.method != "GET":
            raise ApiError(405, f"Method {call.method} is not allowed for a property")
        shown = values.show(prop, reading.value(self.tenant, entity, row, name, call.language))
        if len(rest) == 2:
            return rendering.text("" if shown is None else str(shown))
        return rendering.document({name: shown}, single=self.tenant.switches.single_results)


def _reordered(among: tuple[Any, Row, Any]) -> tuple[Any, Any, Row]:
    entity, row, nav = among
    return entity, nav, row


def body_of(call: Call) -> Any:
    """The JSON body; 415 for other content, 400 for what is no JSON."""
    if "json" not in call.headers.get("content-type", ""):
        raise ApiError(415, "Unsupported content type; use application/json")
    try:
        return json.loads(call.body, parse_float=Decimal, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise bad("The request body is not valid JSON") from error


def _refused(constant: str) -> float:
    raise ValueError(constant)
