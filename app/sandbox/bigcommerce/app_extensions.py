"""App Extensions over the GraphQL Admin API: entries that the app adds to the control panel's action menus."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue
from graphql import GraphQLError, GraphQLResolveInfo, build_schema, graphql_sync

from .envelope import json_object
from .errors import ApiError
from .installs import APP_ACCOUNT
from .records import Json
from .state import State, as_list

MOST_PER_MODEL = 2
LONGEST = 255
PREFIX = "bc/store/appExtension/"

SCHEMA = build_schema("""
enum AppExtensionContext { PANEL LINK }
enum AppExtensionModel { ORDERS CUSTOMERS PRODUCTS PRODUCT_DESCRIPTION }
type AppExtensionTranslation { value: String! localeCode: String! }
type AppExtensionLabel { defaultValue: String! locales: [AppExtensionTranslation!]! }
type AppExtension {
  id: ID!
  context: AppExtensionContext!
  model: AppExtensionModel!
  url: String!
  label: AppExtensionLabel!
}
type AppExtensionEdge { node: AppExtension! cursor: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type AppExtensionConnection { edges: [AppExtensionEdge!]! pageInfo: PageInfo! }
type Store { appExtensions(first: Int, after: String): AppExtensionConnection! }
type Query { store: Store! }
input AppExtensionTranslationInput { value: String! localeCode: String! }
input AppExtensionLabelInput { defaultValue: String! locales: [AppExtensionTranslationInput!] }
input CreateAppExtensionInput {
  context: AppExtensionContext!
  model: AppExtensionModel!
  url: String!
  label: AppExtensionLabelInput!
}
input UpdateAppExtensionData { url: String label: AppExtensionLabelInput }
input UpdateAppExtensionInput { id: ID! data: UpdateAppExtensionData! }
input DeleteAppExtensionInput { id: ID! }
type AppExtensionResult { appExtension: AppExtension }
type DeleteAppExtensionResult { deletedAppExtensionId: ID }
type AppExtensionMutations {
  createAppExtension(input: CreateAppExtensionInput!): AppExtensionResult
  updateAppExtension(input: UpdateAppExtensionInput!): AppExtensionResult
  deleteAppExtension(input: DeleteAppExtensionInput!): DeleteAppExtensionResult
}
type Mutation { appExtension: AppExtensionMutations! }
""")


def blueprint(state: State) -> Blueprint:
    """The GraphQL route."""
    routes = Blueprint("graphql", __name__, url_prefix=f"/stores/{state.store_hash}")

    @routes.post("/graphql")
    def graphql() -> ResponseReturnValue:
        if g.account.name != APP_ACCOUNT:
            raise ApiError(403, "Only an app's token may manage App Extensions.")
        body = json_object()
        root = {"store": {"appExtensions": _Listing(state)}, "appExtension": _Mutations(state)}
        result = graphql_sync(SCHEMA, str(body.get("query") or ""), root, variable_values=body.get("variables"))
        answer = jsonify(result.formatted)
        answer.headers["x-bc-graphql-complexity"] = "10"
        return answer

    return routes


class _Listing:
    """`store.appExtensions`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __call__(self, info: GraphQLResolveInfo[Any], first: int = 50, after: str | None = None) -> Json:
        rows = [row for row in as_list(self._state.extensions) if after is None or row["id"] > after]
        edges = [{"node": row, "cursor": row["id"]} for row in rows[:first]]
        cursors = [edge["cursor"] for edge in edges]
        page = {
            "hasNextPage": len(rows) > first,
            "hasPreviousPage": after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        }
        return {"edges": edges, "pageInfo": page}


class _Mutations:
    """`appExtension`, with the field names of the schema."""

    def __init__(self, state: State) -> None:
        self._state = state

    def createAppExtension(self, info: GraphQLResolveInfo[Any], input: Json) -> Json:  # noqa: N802  # the schema's name
        """Register an entry; at most two of a model."""
        same = [row for row in self._state.extensions.values() if row["model"] == input["model"]]
        if len(same) >= MOST_PER_MODEL:
            raise GraphQLError(f"At most {MOST_PER_MODEL} extensions of {input['model']} fit.")
        _check(input)
        number = self._state.next_id("extensions")
        row = {"id": f"{PREFIX}{number}", **input, "label": _label(input["label"])}
        self._state.extensions[number] = row
        return {"appExtension": row}

    def updateAppExtension(self, info: GraphQLResolveInfo[Any], input: Json) -> Json:  # noqa: N802  # the schema's name
        """Change the address or the whole label."""
        row = self._state.extensions[self._number(input["id"])]
        data = input["data"]
        _check(data)
        row.update({name: _label(value) if name == "label" else value for name, value in data.items()})
        return {"appExtension": row}

    def deleteAppExtension(self, info: GraphQLResolveInfo[Any], input: Json) -> Json:  # noqa: N802  # the schema's name
        """Remove an entry."""
        del self._state.extensions[self._number(input["id"])]
        return {"deletedAppExtensionId": input["id"]}

    def _number(self, extension_id: str) -> int:
        for number, row in self._state.extensions.items():
            if row["id"] == extension_id:
                return number
        raise GraphQLError(f"There is no extension {extension_id}.")


def _check(body: Json) -> None:
    texts = [body.get("url", ""), body.get("label", {}).get("defaultValue", "")]
    texts += [row["value"] for row in body.get("label", {}).get("locales") or []]
    if any(len(text) > LONGEST for text in texts):
        raise GraphQLError(f"The url and the labels must have at most {LONGEST} characters.")


def _label(body: Json) -> Json:
    return {"defaultValue": body["defaultValue"], "locales": body.get("locales") or []}


def entries(state: State, model: str, locale: str) -> list[Json]:
    """The menu entries of a list page, in the reader's language."""
    return [
        {"id": number, "label": _translated(row["label"], locale), "context": row["context"], "url": row["url"]}
        for number, row in state.extensions.items()
        if row["model"] == model
    ]


def _translated(label: Json, locale: str) -> str:
    words: dict[str, Any] = {row["localeCode"]: row["value"] for row in label["locales"]}
    return str(words.get(locale, label["defaultValue"]))


def address(url: str, record: str) -> str:
    """The path for one record: `${id}` is filled in."""
    return url.replace("${id}", record)
