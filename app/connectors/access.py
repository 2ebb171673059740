"""How a vendor's account is opened: consent or a form, tokens, and what a connector is opened with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class Grant:
    """What an authorisation or a refresh gave us. `refresh_token` None: keep the one we have."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    account_id: str = ""  # the vendor's id of the account: the store hash, the org id
    instance_url: str = ""
    scope: str = ""
    expires_at: datetime | None = None
    account_name: str = ""


@dataclass(frozen=True)
class Reading:
    """What an answer said of the vendor's limits; None: nothing."""

    left: int | None = None  # calls left in the current window, of all apps together
    quota: int | None = None  # calls in a whole window
    resets_at: datetime | None = None  # when the next window starts
    window: timedelta | None = None  # how long one is
    used: int | None = None  # calls of the last 24 hours, of all apps together
    maximum: int | None = None  # calls allowed in 24 hours


STORE_WINDOW = "store"  # the quota that all apps of a store share


@dataclass(frozen=True)
class Bucket:
    """What a call counts against besides the daily allowance."""

    window: str = ""  # name of the vendor's quota per window; "": it has none
    quota: int = 0  # calls of a window, until the vendor tells
    seconds: int = 0  # of a window, until the vendor tells
    parallel: str = ""  # name of the calls of which only so many may run at once
    at_once: int = 0  # how many; 0: as many as there are
    longest: int = 80  # seconds that a call can take; one that never ended counts as ended then: its worker was killed


PLAIN = Bucket()  # of vendors that only count calls by the day


class Gate(Protocol):
    """What every call of a connection goes through, whichever process makes it."""

    def enter(self, bucket: Bucket = PLAIN) -> None:
        """Before each call. Raises Retryable with the time at which calls of this urgency are free again."""

    def told(self, reading: Reading) -> None:
        """After each call, whether or not it was answered: what the answer said of the limits."""


@dataclass(frozen=True)
class Account:
    """An authorised account, as a connector is opened with it.

    `renew` is handed the access token that the vendor refused and gives a fresh one, or raises Reauthorize; a client
    calls it at most once per call.
    """

    access_token: str = field(repr=False)
    account_id: str
    store: str = field(kw_only=True)  # hash of the store whose records these are
    instance_url: str = ""
    currency: str = ""  # the store's default currency
    switches: Mapping[str, bool] = field(default_factory=dict)  # every option of the connector, defaults filled in
    facts: Mapping[str, Any] = field(default_factory=dict)
    purpose: str = ""  # for whom the calls are made, told to the vendor with each of them
    renew: Callable[[str], str] | None = None
    gate: Gate | None = None  # None: nobody counts (sign-in, tests of a connector alone)


@dataclass(frozen=True)
class Authorization:
    """How a connect flow starts and what its end must bring back."""

    redirect_uri: str
    state: str
    verifier: str  # PKCE
    environment: str = "production"  # or "sandbox"


@dataclass(frozen=True)
class FormField:
    """An input of a connect form, for vendors that have no consent page."""

    name: str
    label: str
    help: str = ""
    secret: bool = False
    required: bool = True
    default: str = ""


class Authorizer(Protocol):
    """The vendor's OAuth, pure functions over HTTP. Raises Reauthorize, Rejected or Retryable."""

    def authorize_url(self, authorization: Authorization) -> str:
        """Where to send the browser."""

    def exchange(self, authorization: Authorization, code: str) -> Grant:
        """The code of a callback for tokens."""

    def refresh(self, refresh_token: str, environment: str, instance_url: str) -> Grant:
        """New tokens; the old refresh token may be dead afterwards."""

    def revoke(self, token: str, environment: str, instance_url: str) -> None:
        """End an authorisation; already ended is success."""


class FormAuthorizer(Protocol):
    """The sign-in of a vendor without a consent page. Raises Reauthorize, Rejected or Retryable.

    Whatever is needed to sign in again is the grant's refresh token, as the authorizer's own text.
    """

    def sign_in(self, form: Mapping[str, str]) -> Grant:
        """What somebody typed into the connect form, for tokens."""

    def refresh(self, refresh_token: str, environment: str, instance_url: str) -> Grant:
        """New tokens; the old refresh token may be dead afterwards."""

    def revoke(self, token: str, environment: str, instance_url: str) -> None:
        """End an authorisation; already ended is success."""
