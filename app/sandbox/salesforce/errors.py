"""The errors of the Salesforce APIs: one exception, worded for each API that reports it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class ApiError(Exception):
    """A call or a record was refused; `code` is Salesforce's error code, `extra` what a code adds to the body."""

    def __init__(
        self,
        code: str,
        message: str,
        fields: Iterable[str] = (),
        *,
        status: int = 400,
        extra: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status
        self.extra = extra or {}

    def rest(self) -> list[dict[str, Any]]:
        """The array of REST, Composite and Graph."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields or (self.status == 400 and self.code in ROW_CODES):
            error["fields"] = self.fields
        return [{**self.extra, **error}]

    def row(self) -> dict[str, Any]:
        """One entry of `errors` in Collections and Tree."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields, **self.extra}

    def bulk(self) -> str:
        """The text of `sf__Error` in a Bulk 2.0 result."""
        return f"{self.code}:{self.message}:{', '.join(self.fields)} --"


# codes about a record's values always carry `fields`, be it empty
ROW_CODES = frozenset(
    {
        "REQUIRED_FIELD_MISSING",
        "DUPLICATE_VALUE",
        "STRING_TOO_LONG",
        "FIELD_INTEGRITY_EXCEPTION",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "UNABLE_TO_LOCK_ROW",
        "FAILED_ACTIVATION",
        "INVALID_CROSS_REFERENCE_KEY",
    }
)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """404 NOT_FOUND."""
    return ApiError("NOT_FOUND", message, status=404)


def no_such_column(field: str, sobject: str) -> ApiError:
    """400 INVALID_FIELD for a name the object does not have."""
    return ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject}")
