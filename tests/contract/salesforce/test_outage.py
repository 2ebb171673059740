"""What stands before Salesforce answers in its place: nothing that it says is about a record, or about our access."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import responses

from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.connectors.salesforce.soap import Conversion, convert
from app.errors import Reauthorize, Rejected, Retryable, StorelineError
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import order

PAGE = "<html>Down for maintenance</html>"
ANSWERS: list[tuple[int, Any]] = [
    (200, PAGE),
    (200, {}),
    (200, []),
    (302, PAGE),
    (307, PAGE),
    (401, PAGE),
    (403, PAGE),
    (404, PAGE),
    (404, {"message": "no route matched"}),
    (429, {"error": "Too Many Requests"}),
    (502, {"error": "Bad Gateway"}),
    (503, {"error": "Service Unavailable", "status": 503}),
]
CURSOR = '{"Contact": ["2026-01-01T00:00:00+00:00", "", "2026-01-01T00:00:00+00:00"]}'


@pytest.mark.parametrize(("status", "body"), ANSWERS)
@pytest.mark.parametrize("what", ["write", "read", "changes", "prices", "users"])
def test_everything_waits(org: Org, what: str, status: int, body: Any) -> None:
    target = org.open()
    prices = CURSOR.replace("Contact", "Product2")[:-1] + ', "PricebookEntry"' + CURSOR.partition('"Contact"')[2]
    acts: dict[str, Callable[[], object]] = {
        "write": lambda: org.write(order(1)),
        "read": lambda: target.read_many("Contact", ["003000000000001AAA"]),
        "changes": lambda: target.changes("Contact", CURSOR),
        "prices": lambda: target.changes("Product2", prices),
        "users": target.users,
    }
    # A dead session is renewed and the call repeated.
    elsewhere = {"Location": f"{org.url}/_sandbox/calls"} if 300 <= status < 400 else {}
    org.control("fail", status=status, match="/services/data", body=body, times=1 + (status == 401), headers=elsewhere)
    with pytest.raises(Retryable):
        acts[what]()
    acts[what]()  # and all is well again
    assert len(org.rows("Order")) == (1 if what == "write" else 0)


@pytest.mark.parametrize(("status", "body"), [answer for answer in ANSWERS if answer[0] != 401])
def test_leads_wait_for_their_conversion(org: Org, status: int, body: Any) -> None:
    assert org.target is not None
    org.control("fail", status=status, match="/services/Soap", body=body, times=1)
    with pytest.raises(Retryable):
        convert(org.target.client, [Conversion("00Q000000000001AAA", "Closed - Converted")])


def test_the_token_goes_to_no_other_host(org: Org) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        host = org.account.instance_url
        for method in ("GET", "POST"):
            web.add(
                method, f"{host}/services/data/v66.0/composite", status=307, headers={"Location": "https://x.example"}
            )
        away = web.add("POST", "https://x.example", json={})
        with pytest.raises(Retryable):
            org.write(order(1))
        assert away.call_count == 0


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, PAGE, Retryable),
        (302, PAGE, Retryable),
        (403, PAGE, Retryable),
        (404, PAGE, Retryable),
        (401, {"error": "Unauthorized"}, Retryable),
        (503, {"error": "Service Unavailable"}, Retryable),
        (400, {"error": "invalid_grant", "error_description": "expired"}, Reauthorize),
        (400, {"error": "invalid_client_id", "error_description": "who?"}, Rejected),
    ],
)
def test_only_salesforce_itself_ends_an_authorisation(
    org: Org, status: int, body: Any, kind: type[StorelineError]
) -> None:
    org.control("fail", status=status, match="/services/oauth2/token", body=body, times=1)
    with pytest.raises(kind) as caught:
        SalesforceAuthorizer(org.settings).refresh(org.refresh_token, "production", org.url)
    assert type(caught.value) is kind
