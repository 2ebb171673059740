"""Errors, named by their remedy: wait, mend the data, mend the mapping, connect again; the rest are our bugs."""

from __future__ import annotations

from datetime import datetime


class StorelineError(Exception):
    """Any failure that we expect: `message` in words for a person, `code` the vendor's (or our) short name for it."""

    remedy = "bug"

    def __init__(self, message: str, *, code: str = "", field: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__
        self.field = field
        self.status = status


class Retryable(StorelineError):
    """Time cures it: 429, 5xx, a timeout, a locked record.

    `retry_after` only where the whole account is to wait until then (throttled, in maintenance): that says nothing
    about the records at hand, and is not counted against them.
    """

    remedy = "wait"

    def __init__(
        self,
        message: str,
        *,
        retry_after: datetime | None = None,
        code: str = "",
        field: str = "",
        status: int | None = None,
    ) -> None:
        super().__init__(message, code=code, field=field, status=status)
        self.retry_after = retry_after


class Rejected(StorelineError):
    """Only a person cures it: the vendor refused the data. `field` is the vendor's name of the offending field."""

    remedy = "data"


class Misconfigured(Rejected):
    """Only an administrator cures it: a field, an object or a permission that we rely on is missing there."""

    remedy = "mapping"


class Reauthorize(Rejected):
    """The vendor no longer accepts our authorisation: connect again."""

    remedy = "reconnect"


class NotFound(Rejected):
    """The record is not there (any more)."""


class Withheld(Rejected):
    """The record belongs to a person whose data were erased here: nothing of it is kept or carried."""


class Untrusted(StorelineError):
    """A caller did not prove who it is: the answer is 401, and nothing else happens."""


class Unsupported(StorelineError):
    """This connector does not do that; asking is a bug."""
