"""The signed request a Canvas app is opened with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import CLIENT_ID, CLIENT_SECRET, org_id
from app.sandbox.salesforce.soql import attributes
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import show

API_VERSION = "66.0"
BASE = f"/services/data/v{API_VERSION}"
# what `entityFields` of the placed component asks for, beside Id
RECORD_FIELDS = {
    "Account": ("Name",),
    "Contact": ("Name", "AccountId", "Email"),
    "Opportunity": ("Name", "AccountId"),
    "Order": ("OrderNumber", "AccountId", "BillToContactId"),
    "Case": ("CaseNumber", "ContactId", "AccountId", "SuppliedEmail", "SuppliedPhone", "ContactEmail", "Subject"),
}


def sign(context: dict[str, Any]) -> str:
    """`<base64 signature>.<base64 JSON>`; signed is the base64 text, not the JSON."""
    payload = base64.b64encode(json.dumps(context).encode())
    digest = hmac.new(CLIENT_SECRET.encode(), payload, hashlib.sha256).digest()
    return f"{base64.b64encode(digest).decode()}.{payload.decode()}"


def canvas_url(org: Org) -> str:
    """Where the request is POSTed."""
    return org.switches.canvas_url or f"{org.options.app_url}/panels/salesforce"


def context_of(org: Org, name: str, record_id: str) -> dict[str, Any]:
    """Everything the app is told when opened on a record by the admin; raises ApiError for an unknown record."""
    sobject = org.schema.need(name)
    row = org.db.need(sobject.name, record_id)
    user = next(iter(org.db.tables["User"].rows.values()))
    session = org.sessions.open(org_id(org), user["Id"], "api", org.now(), org.switches.session_seconds)
    return {
        "algorithm": "HMACSHA256",
        "issuedAt": secrets.randbelow(2**31),  # not a clock, as the real one
        "userId": user["Id"],
        "client": {
            "refreshToken": None,
            "instanceId": "_:Storeline:",
            "targetOrigin": org.url,
            "instanceUrl": org.url,
            "oauthToken": session.token,
            "clientId": CLIENT_ID,
        },
        "context": {
            "user": _user(org, user),
            "links": _links(org, user),
            "application": _application(org),
            "organization": _organization(org),
            "environment": _environment(org, sobject, row),
        },
    }


def _user(org: Org, user: Row) -> dict[str, Any]:
    return {
        "userId": user["Id"],
        "userName": user["Username"],
        "firstName": user.get("FirstName"),
        "lastName": user["LastName"],
        "email": user["Email"],
        "fullName": user["Name"],
        "locale": user["LocaleSidKey"],
        "language": user["LanguageLocaleKey"],
        "timeZone": user["TimeZoneSidKey"],
        "profileId": (user.get("ProfileId") or "")[:15],
        "roleId": None,
        "userType": "STANDARD",
        "currencyISOCode": org.switches.currency,
        "profilePhotoUrl": f"{org.url}/profilephoto/005/F",
        "profileThumbnailUrl": f"{org.url}/profilephoto/005/T",
        "siteUrl": None,
        "siteUrlPrefix": None,
        "networkId": None,
        "accessibilityModeEnabled": False,
        "isDefaultNetwork": True,
    }


def _links(org: Org, user: Row) -> dict[str, Any]:
    short = org_id(org)[:15]
    return {
        "loginUrl": org.options.url,
        "enterpriseUrl": f"/services/Soap/c/{API_VERSION}/{short}",
        "metadataUrl": f"/services/Soap/m/{API_VERSION}/{short}",
        "partnerUrl": f"/services/Soap/u/{API_VERSION}/{short}",
        "restUrl": f"{BASE}/",
        "sobjectUrl": f"{BASE}/sobjects/",
        "searchUrl": f"{BASE}/search/",
        "queryUrl": f"{BASE}/query/",
        "recentItemsUrl": f"{BASE}/recent/",
        "chatterFeedsUrl": f"{BASE}/chatter/feeds",
        "chatterFeedItemsUrl": f"{BASE}/chatter/feed-items",
        "chatterGroupsUrl": f"{BASE}/chatter/groups",
        "chatterUsersUrl": f"{BASE}/chatter/users",
        "userUrl": f"/{user['Id']}",
    }


def _application(org: Org) -> dict[str, Any]:
    return {
        "applicationId": "06PdL00000000001",
        "authType": "SIGNED_REQUEST",
        "canvasUrl": canvas_url(org),
        "developerName": "Storeline",
        "isInstalledPersonalApp": False,
        "name": "Storeline",
        "namespace": org.switches.namespace,
        "options": [],
        "referenceId": "09HdL00000000001",
        "samlInitiationMethod": "None",
        "version": "1.0",
    }


def _organization(org: Org) -> dict[str, Any]:
    row = org.db.get(org_id(org)) or {}
    return {
        "organizationId": org_id(org),
        "name": row.get("Name"),
        "multicurrencyEnabled": org.switches.multi_currency,
        "namespacePrefix": org.switches.namespace or None,
        "currencyIsoCode": org.switches.currency,
    }


def _environment(org: Org, sobject: SObject, row: Row) -> dict[str, Any]:
    names = [n for n in RECORD_FIELDS.get(sobject.name, ("Name",)) if n in sobject.fields]
    return {
        "locationUrl": f"{org.url}/lightning/r/{sobject.name}/{row['Id']}/view",
        "displayLocation": "PageLayout",
        "sublocation": None,
        "uiTheme": "Theme4d",
        "dimensions": {
            "width": "100%",
            "height": "600px",
            "maxWidth": "1200px",
            "maxHeight": "2000px",
            "clientWidth": "600px",
            "clientHeight": "50px",
        },
        "record": {
            "attributes": attributes(BASE, sobject.name, row["Id"]),
            "Id": row["Id"],
            **{name: show(sobject.fields[name], row) for name in names},
        },
        "parameters": {"recordId": row["Id"], "object": sobject.name},
        "version": {"api": API_VERSION, "season": "SPRING"},
    }
