"""Edits of companies carried into the B2B Edition: the company, and its address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.connectors.base import Edit, Edited, Payload
from app.connectors.bigcommerce.client import B2B
from app.connectors.bigcommerce.companies import country_name, no_edition
from app.connectors.bigcommerce.states import state_code, state_name
from app.connectors.bigcommerce.write_customers import without_country
from app.domain import Company
from app.domain.fields import POSTAL, fields
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected

NAMES = {"name": "companyName", "email": "companyEmail", "phone": "companyPhone"}
POSTAL_NAMES = {
    "street_1": "addressLine1",
    "street_2": "addressLine2",
    "city": "city",
    "state": "stateName",
    "postal_code": "zipCode",
    "country_code": "countryCode",
}


class CompanyWriter:
    """Writes companies one by one; nothing that equals what the edition has."""

    def __init__(self, client: B2B) -> None:
        self._client = client

    def update(self, edits: Sequence[Edit]) -> list[Edited]:
        """Change companies; one answer per edit."""
        return [self._edit(edit) for edit in edits]

    def _edit(self, edit: Edit) -> Edited:
        if not isinstance(edit.record, Company):
            return Edited(edit.id, NotFound("The company is no longer in the store.", code="BC_GONE"))
        sent: Payload = {}
        received: Payload = {}
        error: Rejected | None = None
        changed = _changed(edit.record, edit)
        waits = without_country(changed) | {name for name in NAMES if changed.get(name) == ""}  # no company is without
        changed = {name: text for name, text in changed.items() if name not in waits}
        try:
            self._write(edit.record, changed, sent, received)
        except (Reauthorize, Misconfigured) as refusal:
            error = no_edition(refusal)
        except Rejected as refusal:
            error = refusal
        return Edited(edit.id, error, sent or None, received or None, waits)

    def _write(self, company: Company, changed: Mapping[str, str], sent: Payload, received: Payload) -> None:
        body = {theirs: changed[name] for name, theirs in NAMES.items() if name in changed}
        if body:
            sent["company"] = body
            received["company"] = self._client.put(f"/companies/{company.id}", body)
        postal = {name: changed[name] for name in POSTAL if name in changed}
        if postal:
            sent["address"] = body = self._address(company, postal)
            received["address"] = self._put_address(company, body)

    def _put_address(self, company: Company, body: Payload) -> Any:
        if company.address.id:
            return self._client.put(f"/addresses/{company.address.id}", body)
        return self._client.post("/addresses", body)

    def _address(self, company: Company, postal: Mapping[str, str]) -> Payload:
        body = {theirs: postal[name] for name, theirs in POSTAL_NAMES.items() if name in postal}
        if postal.get("country_code"):
            body["countryName"] = country_name(postal["country_code"])
        if "state" in postal:  # its code would go on naming the old one
            body["stateCode"] = state_code(postal["state"], postal.get("country_code", company.address.country_code))
        if company.address.id:
            return body
        return {
            "companyId": int(company.id),
            **self._whose(company),
            **body,
            "isBilling": True,
            "isDefaultBilling": True,
        }

    def _whose(self, company: Company) -> Payload:
        """An address needs a person: the company's first user, who is its administrator."""
        user = next(iter(self._client.rows("/users", {"companyId": int(company.id)})), {})
        return {name: user.get(name) or company.name for name in ("firstName", "lastName")}


def _changed(company: Company, edit: Edit) -> dict[str, str]:
    key = ("company", company.id)
    has = fields(company)[key]
    given = {name: text.strip() for name, text in edit.values.get(key, {}).items()}
    if "state" in given:
        given["state"] = state_name(given["state"], given.get("country_code") or has["country_code"])
    return {name: text for name, text in given.items() if name in has and text != has[name]}
