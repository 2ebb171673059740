"""Values, addresses and errors, there and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.connectors.sugarcrm.addresses import emails, primary, read_postal, with_primary
from app.connectors.sugarcrm.errors import is_there_already, translate
from app.connectors.sugarcrm.facts import Facts
from app.connectors.sugarcrm.values import (
    KEY_LENGTH,
    day,
    decimal,
    external_key,
    instant,
    moment,
    record_id,
    valid_email,
)
from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError


def test_keys_fit_and_differ() -> None:
    long = [external_key("store", f"guest:{'x' * 120}{n}@example.com") for n in range(2)]
    assert len(set(long)) == 2 and {len(key) for key in long} == {KEY_LENGTH}
    assert external_key("s1", "42") == "s1-42"
    assert record_id("Contacts", "s1-42") == record_id("Contacts", "s1-42") != record_id("Accounts", "s1-42")
    assert len(record_id("Contacts", "s1-42")) == 36


def test_our_id_of_a_key() -> None:
    facts = Facts(store="s1", keys={"Contacts": ["sync_key", "bc_key_c"]})
    row = {"sync_key": "erp:1", "bc_key_c": "s1-42"}
    assert facts.our_id(facts.keys_of("Contacts", row)) == "42"
    assert facts.our_id(["s11-42", "erp:1"]) == ""


def test_a_country_that_we_do_not_know_is_no_empty_one() -> None:
    def read(text: str) -> str | None:
        return read_postal("billing", {"billing_address_country": text}).get("country_code")

    assert [read(text) for text in ("Germany", "Great Britain", "Atlantis", "")] == ["DE", "GB", None, ""]


def test_date_times_of_any_zone_are_instants() -> None:
    at = datetime(2016, 4, 5, 14, 23, 28, tzinfo=UTC)
    assert instant("2016-04-05T10:23:28-04:00") == instant("2016-04-05T14:23:28Z") == at
    assert moment(at.replace(microsecond=999)) == "2016-04-05T14:23:28+00:00"
    assert day(datetime.fromisoformat("2016-04-05T23:30:00-04:00")) == "2016-04-06"


def test_amounts_in_every_shape() -> None:
    assert [decimal(one) for one in ("30222.000000", "25000", 1, "", None, "no")] == [
        Decimal("30222"), Decimal("25000"), Decimal(1), Decimal(0), Decimal(0), Decimal(0),
    ]  # fmt: skip


def test_e_mail_addresses() -> None:
    assert [valid_email(one) for one in ("a@b.example", "a@b", "a b@c.example", "a@b.example ", "@b.example")] == [
        True, False, False, False, False,
    ]  # fmt: skip
    there: list[dict[str, Any]] = [
        {"email_address": "OLD@example.com", "primary_address": "1", "opt_out": "1", "email_address_id": "x"},
        {"email_address": "new@example.com", "primary_address": "0", "invalid_email": True},
    ]
    assert primary({"email": there}) == "OLD@example.com" and primary({"email": []}) == "" == primary({})
    assert emails({"email": None}) == []
    assert with_primary("New@example.com", there)["email"] == [
        {"email_address": "New@example.com", "primary_address": True, "invalid_email": True},
        {"email_address": "OLD@example.com", "primary_address": False, "opt_out": "1"},
    ]
    assert with_primary("", there) == {}


@pytest.mark.parametrize(
    ("status", "label", "kind"),
    [
        (301, "incorrect_version", Misconfigured),
        (401, "need_login", Reauthorize),
        (401, "invalid_grant", Reauthorize),
        (403, "not_authorized", Misconfigured),
        (404, "no_method", Misconfigured),
        (404, "not_found", NotFound),
        (409, "edit_conflict", Retryable),
        (412, "metadata_out_of_date", Retryable),
        (413, "request_too_large", Rejected),
        (422, "missing_parameter", Rejected),
        (424, "request_failure", Retryable),
        (429, "", Retryable),
        (433, "client_outdated", Rejected),
        (500, "fatal_error", Retryable),
        (502, "bad_gateway", Retryable),
        (503, "maintenance", Retryable),
    ],
)
def test_errors_by_their_remedy(status: int, label: str, kind: type[StorelineError]) -> None:
    error = translate(status, {"error": label, "error_message": "Words."} if label else None)
    assert type(error) is kind and error.status == status and error.code == (label or f"HTTP_{status}")
    waits = isinstance(error, Retryable) and error.retry_after is not None
    assert waits is (status in (429, 503))


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 422, 500])
@pytest.mark.parametrize("body", [None, {"message": "Forbidden"}, {"error": {"code": 1}}, []])
def test_a_gateway_says_nothing_of_records(status: int, body: object) -> None:
    error = translate(status, body)
    assert type(error) is Retryable and error.retry_after is None and error.code == f"HTTP_{status}"


def test_how_long_to_wait() -> None:
    told = translate(429, None, "120")
    dated = translate(503, None, "Wed, 21 Oct 2099 07:28:00 GMT")
    assert isinstance(told, Retryable) and isinstance(dated, Retryable)
    assert told.retry_after is not None and timedelta(110) > told.retry_after - now() > timedelta(seconds=110)
    assert dated.retry_after == datetime(2099, 10, 21, 7, 28, tzinfo=UTC)


def test_the_field_in_the_words() -> None:
    error = translate(422, {"error": "invalid_parameter", "error_message": "Invalid field value: status in module: X"})
    assert error.field == "status"
    error = translate(422, {"error": "missing_parameter", "error_message": "Missing required field: name in module: X"})
    assert error.field == "name"


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        (422, "Record already exists: 1-2 in module: Contacts", True),
        (422, "A record with the id 1-2 exists in module: Contacts", True),
        (422, "Record already exists: 3-4 in module: Contacts", False),
        (422, "The product template does not exist.", False),
        (422, "The value 1-2 of assigned_user_id does not exist", False),
        (404, "1-2 exists", False),
    ],
)
def test_an_id_in_use(status: int, words: str, expected: bool) -> None:
    error = translate(status, {"error": "invalid_parameter", "error_message": words})
    assert is_there_already(error, "1-2") is expected
