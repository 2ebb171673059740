"""Puts the panel where people see it, as each CRM's administrator does."""

from __future__ import annotations

from typing import Any

import requests

from app.connectors.sap_sales_cloud.names import EXTENSIONS
from app.demo.merchant import CREDENTIALS, FlowBroke, Merchant

REP = ("mike", "Mike Summers")  # of SAP's stand-in
LONGEST = 60  # characters of a key user's field


def put_up(merchant: Merchant, vendor: str, connection: dict[str, Any]) -> str:
    """Place the panel; what a person has to know to open it, or nothing."""
    match connection["panel"]:
        case "package":
            _install(merchant, vendor, connection["id"])
            merchant.check(vendor)
            return ""
        case "passes":
            return _pair(merchant, vendor, connection["id"])
        case _:
            return ""


def _install(merchant: Merchant, vendor: str, connection_id: int) -> None:
    """Our package into the Module Loader."""
    url = f"{merchant.app.url(vendor)}/rest/v11_24"
    login = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "platform": "base"}
    token = _json(requests.post(f"{url}/oauth2/token", json={**login, **CREDENTIALS[vendor]}, timeout=30))
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    archive = {"upgrade_zip": ("storeline.zip", merchant.package(connection_id))}
    packages = f"{url}/Administration/packages"
    uploaded = _json(requests.post(packages, files=archive, headers=headers, timeout=60))
    _json(requests.get(f"{packages}/{uploaded['file_install']}/install", headers=headers, timeout=60))


def _pair(merchant: Merchant, vendor: str, connection_id: int) -> str:
    """Our address as a mashup, the fields that a key user makes, and a code for a rep."""
    for entity, fields in EXTENSIONS.items():
        for name in fields.values():
            body = {"entity": entity, "name": name, "type": "String", "length": LONGEST}
            requests.post(f"{merchant.app.url(vendor)}/_sandbox/fields", json=body, timeout=30).raise_for_status()
    merchant.check(vendor)
    url = merchant.passes(connection_id)["url"]
    requests.post(f"{merchant.app.url(vendor)}/_sandbox/mashup", json={"url": url}, timeout=30).raise_for_status()
    user, name = REP
    code = merchant.invite(connection_id, user, name)["code"]
    return f"the panel there asks once for a code: {code} is {name}'s"


def _json(answer: requests.Response) -> dict[str, Any]:
    if not answer.ok:
        raise FlowBroke(f"{answer.request.method} {answer.url} answered {answer.status_code}: {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
