"""Problem bodies of the API: every failure says in words what is wrong; none shows a stack trace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any, NoReturn

from flask import request
from flask.typing import ResponseReturnValue
from flask_smorest import Api, abort
from werkzeug.exceptions import HTTPException

from app.errors import NotFound, Reauthorize, Rejected, Retryable, StorelineError

PREFIX = "/api/"
WORDS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not answer to that method.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Some of what was sent is not valid; `errors` names it.",
    HTTPStatus.BAD_REQUEST: "The request could not be read.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Send JSON, with Content-Type: application/json.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "That is more than this address takes.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something went wrong on our side. It has been written down; please try again.",
}


class SettingsApi(Api):  # type: ignore[misc]  # flask-smorest has no type hints
    """flask-smorest for the addresses below /api/ only: the same app serves pages to people as well."""

    def handle_http_exception(self, error: HTTPException) -> ResponseReturnValue:
        """A problem body below /api/; elsewhere the page that Flask would have shown."""
        if not request.path.startswith(PREFIX) or error.code is None:
            return error
        payload, code, headers = super().handle_http_exception(error)
        payload.setdefault("message", WORDS.get(code, error.description))
        return payload, code, headers


def refuse(status: int, message: str) -> NoReturn:
    """End the request with a problem body."""
    abort(status, message=message)
    raise AssertionError("abort raises")


def refuse_form(error: Rejected, names: Collection[str]) -> NoReturn:
    """End the request for what somebody typed in; at the field of the form that is wrong, if the error names one."""
    errors = {"json": {"form": {error.field: [error.message]}}} if error.field in names else None
    abort(_status(error).value, message=error.message, **({"errors": errors} if errors else {}))
    raise AssertionError("abort raises")


def refuse_values(errors: Mapping[str, str]) -> NoReturn:
    """End the request for values that are not valid, by their names."""
    abort(422, message=" ".join(errors.values()), errors={"json": {"values": {k: [v] for k, v in errors.items()}}})
    raise AssertionError("abort raises")


def from_error(error: StorelineError) -> tuple[dict[str, Any], int]:
    """A problem body for an error that a service raised."""
    status = _status(error)
    return {"code": status.value, "status": status.phrase, "message": error.message}, status.value


def _status(error: StorelineError) -> HTTPStatus:
    match error:
        case NotFound():
            return HTTPStatus.NOT_FOUND
        case Retryable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case Reauthorize():
            return HTTPStatus.CONFLICT
    return HTTPStatus.UNPROCESSABLE_ENTITY
