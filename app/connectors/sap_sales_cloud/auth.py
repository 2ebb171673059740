"""Signing in with a technical user: Basic, checked against the service document."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

from app.config import Settings
from app.connectors.access import Account, FormField, Grant
from app.connectors.addresses import checked_url
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.errors import NO_JSON
from app.connectors.sap_sales_cloud.names import ORDER
from app.connectors.sap_sales_cloud.odata import set_name
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable

FORM = (
    FormField("url", "Tenant address", "As in the browser: https://my123456.crm.ondemand.com"),
    FormField(
        "username", "Technical user",
        "Of a communication arrangement for the scenario “OData Services for Business Objects”, with the service "
        "c4codataapi selected; nobody else's, for what it changes is taken for Storeline's own work.",
    ),
    FormField("password", "Password", "Of the technical user", secret=True),
)  # fmt: skip


class SapAuthorizer:
    """Basic needs no renewal: the user's name and password are the token."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def sign_in(self, form: Mapping[str, str]) -> Grant:
        """Checks address, user and password, and that the service is ours to use."""
        origin = _origin(checked_url(self._settings, form.get("url", "").strip()))
        username, password = form.get("username", "").strip(), form.get("password", "")
        if not username or not password or ":" in username:
            raise Rejected("Enter the technical user and its password.", code="CREDENTIALS", field="username")
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        host = urlsplit(origin).netloc
        account = Account(access_token=token, account_id=host, store="", instance_url=origin)
        found = _entity_sets(Client(self._settings, account))
        if set_name(ORDER) not in found:
            words = "The technical user's arrangement does not offer the OData service c4codataapi with sales orders."
            raise Misconfigured(words, code="SERVICE")
        return Grant(access_token=token, account_id=host, instance_url=origin, account_name=host.partition(".")[0])

    def refresh(self, refresh_token: str, environment: str, instance_url: str) -> Grant:
        """There is nothing to refresh."""
        raise Reauthorize("SAP Sales Cloud does not accept user and password any more.", code="HTTP_401")

    def revoke(self, token: str, environment: str, instance_url: str) -> None:
        """A password ends where the administrator changes it."""


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _entity_sets(client: Client) -> set[str]:
    try:
        body = client.get("?$format=json")
    except Reauthorize as error:
        words = "SAP Sales Cloud does not accept this user and password."
        raise Rejected(words, code=error.code, field="password", status=error.status) from error
    except (NotFound, Retryable) as error:
        if isinstance(error, Retryable) and not _is_elsewhere(error):
            raise
        raise Rejected("There is no SAP Sales Cloud tenant at this address.", code="ADDRESS", field="url") from error
    inner = body.get("d") if isinstance(body, dict) else None
    sets = inner.get("EntitySets") if isinstance(inner, dict) else None
    if not isinstance(sets, list):
        raise Rejected("What answers at this address is no SAP Sales Cloud tenant.", code="ADDRESS", field="url")
    return {str(one).strip("/") for one in sets}


def _is_elsewhere(error: Retryable) -> bool:
    """Whether something answered that is no tenant: a page, a redirect, somebody else's 404."""
    return error.code == NO_JSON or (error.status is not None and error.status != 429 and error.status < 500)
