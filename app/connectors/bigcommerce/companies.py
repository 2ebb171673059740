"""Companies of the B2B Edition as our records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from babel import Locale

from app.connectors.base import Payload
from app.connectors.bigcommerce.client import B2B
from app.connectors.bigcommerce.readers import Fetched, iso, readable, record_id
from app.connectors.countries import code_of
from app.domain import Address, Company, CompanyStatus
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected

_STATUSES = (CompanyStatus.PENDING, CompanyStatus.APPROVED, CompanyStatus.REJECTED, CompanyStatus.INACTIVE)
STATUSES = dict(enumerate(_STATUSES))  # by the edition's number
COUNTRIES = Locale("en").territories  # ISO 3166 code -> name


class Companies:
    """The companies of one store. What the edition refuses is said of the company and stops nothing else."""

    def __init__(self, client: B2B) -> None:
        self._client = client

    def fetch(self, ids: Sequence[int]) -> dict[str, Fetched]:
        """Companies by their id, with address and buyers; three calls each, for there are no lists of ids."""
        return {str(number): self._company(number) for number in ids}

    def _company(self, number: int) -> Fetched:
        try:
            row = self._client.record(f"/companies/{number}", under="data")
            places = list(self._client.rows("/addresses", {"companyId": number}))
            users = list(self._client.rows("/users", {"companyId": number}))
        except NotFound as error:
            return None if self._has_edition else no_edition(error)
        except (Reauthorize, Misconfigured) as error:
            return no_edition(error)
        except Rejected as error:
            return error
        return readable(partial(read, row, places, users))

    @cached_property
    def _has_edition(self) -> bool:
        """A store without the edition answers like one without the company."""
        try:
            self._client.get("/companies", {"limit": 1, "offset": 0})
        except Rejected:
            return False
        return True


def no_edition(error: Rejected) -> Rejected:
    """The edition's refusal in words; it is none of the store itself, which goes on."""
    words = f"The store has no B2B Edition, or does not let Storeline use it: {error.message}"
    return Rejected(words, code="BC_NO_B2B", status=error.status)


def read(row: Payload, places: Sequence[Payload], users: Sequence[Payload]) -> Company:
    """A company with its addresses and users; those who never were customers of the store are left out."""
    buyers = (record_id(user.get("customerId") or user.get("bcId")) for user in users)
    return Company(
        id=str(row["companyId"]),
        name=row.get("companyName") or "",
        email=row.get("companyEmail") or "",
        phone=row.get("companyPhone") or "",
        address=_address(main_address(places)),
        status=STATUSES[int(row["companyStatus"])],
        customer_ids=tuple(sorted(filter(None, buyers), key=int)),
        modified_at=_moment(row.get("updatedAt")),
    )


def main_address(places: Sequence[Payload]) -> Payload:
    """Where bills go, else the first address, else nothing."""
    return next((place for place in places if place.get("isDefaultBilling")), next(iter(places), {}))


def country_name(code: str) -> str:
    """The English name of a country, the code itself if it has none."""
    return str(COUNTRIES.get(code, code))


def _address(row: Payload) -> Address:
    country = str(row.get("countryName") or "")
    return Address(
        first_name=row.get("firstName") or "",
        last_name=row.get("lastName") or "",
        street_1=row.get("addressLine1") or "",
        street_2=row.get("addressLine2") or "",
        city=row.get("city") or "",
        state=row.get("stateName") or "",
        postal_code=str(row.get("zipCode") or ""),
        country=country,
        country_code=row.get("countryCode") or code_of(country),
        phone=row.get("phoneNumber") or "",
        id=record_id(row.get("addressId")),
    )


def _moment(value: Any) -> datetime | None:
    """The edition's times are Unix seconds; an ISO date is taken as well."""
    if value in (None, ""):
        return None
    return datetime.fromtimestamp(int(value), UTC) if str(value).isdigit() else iso(str(value))
