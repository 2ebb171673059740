"""The errors of the REST API: a label, words and a status."""

from __future__ import annotations

from typing import Any

STATUS = {
    "incorrect_version": 301,
    "need_login": 401,
    "invalid_grant": 401,
    "not_authorized": 403,
    "no_method": 404,
    "not_found": 404,
    "edit_conflict": 409,
    "metadata_out_of_date": 412,
    "request_too_large": 413,
    "missing_parameter": 422,
    "invalid_parameter": 422,
    "request_failure": 424,
    "client_outdated": 433,
    "fatal_error": 500,
    "bad_gateway": 502,
    "maintenance": 503,
}


class ApiError(Exception):
    """A call was refused; `label` is the code clients switch on, `extra` what an error adds to the body."""

    def __init__(self, label: str, message: str, *, status: int = 0, extra: dict[str, Any] | None = None) -> None:
        super().__init__(f"{label}: {message}")
        self.label = label
        self.message = message
        self.status = status or STATUS[label]
        self.extra = extra or {}

    def body(self) -> dict[str, Any]:
        """The body of the answer."""
        return {"error": self.label, "error_message": self.message, **self.extra}


def not_found(module: str, record_id: str) -> ApiError:
    """404 for a record that is absent, deleted or invisible."""
    return ApiError("not_found", f"Could not find record: {record_id} in module: {module}")


def invalid(message: str) -> ApiError:
    """422 invalid_parameter."""
    return ApiError("invalid_parameter", message)


def missing(name: str) -> ApiError:
    """422 missing_parameter."""
    return ApiError("missing_parameter", f"Missing parameter: {name}")


def forbidden(message: str = "You are not authorized to perform this action.") -> ApiError:
    """403 not_authorized."""
    return ApiError("not_authorized", message)
