"""BigCommerce's error bodies: an array of messages in V2, a problem object in V3."""

from __future__ import annotations

from typing import Any

STATUS_CODES_PAGE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"

TITLES = {
    400: "The request could not be understood.",
    401: "The access token is not valid for this store.",
    403: "You don't have a required scope to access the endpoint",
    404: "The requested resource was not found.",
    405: "The method is not allowed on this resource.",
    406: "Only application/json can be sent back.",
    409: "The record conflicts with another one.",
    413: "The request holds too many objects.",
    415: "The body must be application/json.",
    422: "The data is not valid.",
    423: "The resource is locked.",
    429: "Too many requests",
    500: "An internal error occurred.",
    502: "Bad gateway.",
    503: "The store is in maintenance.",
    504: "Gateway timeout.",
    507: "The limit of the store's plan is reached.",
}
B2B_ROOT = "/b2b/"


class ApiError(Exception):
    """A refusal; the version of the API in the path decides how it is worded."""

    def __init__(self, status: int, title: str = "", errors: dict[str, str] | None = None) -> None:
        self.status = status
        self.title = title or TITLES.get(status, "Error")
        self.errors = errors
        super().__init__(self.title)


def is_v2(path: str) -> bool:
    """Whether a path belongs to the V2 API."""
    return "/v2/" in path


def body(path: str, status: int, title: str = "", errors: dict[str, str] | None = None) -> Any:
    """The error body BigCommerce would send for a path."""
    title = title or TITLES.get(status, "Error")
    if path.startswith("/oauth2/"):
        return {"error": "invalid_request" if status < 500 else "server_error", "error_description": title}
    if is_v2(path):
        details = f" {'; '.join(f'{field}: {text}' for field, text in errors.items())}" if errors else ""
        return [{"status": status, "message": title + details}]
    if path.startswith(B2B_ROOT):
        data = {"errMsg": {field: [text] for field, text in errors.items()}} if errors else {}
        return {"code": status, "data": data, "meta": {"message": title}}
    problem: dict[str, Any] = {"status": status, "title": title, "type": STATUS_CODES_PAGE}
    if errors is not None or status in (413, 422, 429):
        problem["errors"] = errors or {}
    return problem


def malformed(path: str, field: str) -> ApiError:
    """A field of the wrong type: 400 in V2, 422 in V3."""
    return ApiError(400 if is_v2(path) else 422, f"The field '{field}' is invalid.", {field: "wrong type"})


def invalid(field: str, text: str) -> ApiError:
    """A 422 about one field."""
    return ApiError(422, errors={field: text})
