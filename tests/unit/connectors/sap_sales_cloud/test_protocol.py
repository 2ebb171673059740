"""Both forms of everything that tenants and libraries differ in, where the stand-in shows one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.connectors.sap_sales_cloud import batch, odata
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.errors import translate
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable

AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
ROW = {"ObjectID": "1", "Name": "a"}


@pytest.mark.parametrize(
    "body",
    [{"d": {"results": ROW}}, {"d": ROW}, {"d": {"results": [ROW]}}, {"results": [ROW]}, [ROW], {"results": ROW}],
)
def test_one_entity_in_any_envelope(body: Any) -> None:
    assert odata.rows(body) == [ROW]


@pytest.mark.parametrize("body", [None, {}, {"d": {"results": []}}, {"__deferred": {"uri": "x"}}, []])
def test_no_entity_in_any_envelope(body: Any) -> None:
    assert odata.rows(body) == []


def test_a_page_is_no_list() -> None:
    with pytest.raises(Retryable):
        odata.rows("<html>Maintenance</html>")


def test_filters_take_no_wildcard_and_double_quotes() -> None:
    assert odata.literal("O'Hara") == "'O''Hara'"
    assert not odata.is_literal("A*B") and not odata.is_literal("") and odata.is_literal("A B")
    parts = list(odata.either("ID", (f"'{n}'" for n in range(odata.VALUES + 1))))
    assert len(parts) == 2 and parts[1].count(" or ") == 0 and " and " not in "".join(parts)
    assert odata.path("CustomerOrder", "00A#$'_1") == "CustomerOrderCollection('00A%23%24%27_1')"


def test_values_are_the_same_in_any_form() -> None:
    assert odata.read_date(odata.date(AT)) == AT and odata.read_date(None) is odata.read_date("2026") is None
    assert odata.is_same("2", "2.00000000000000") and odata.is_same("", None) and not odata.is_same("01", "1")
    assert odata.is_same(odata.date(AT), odata.date(AT)) and not odata.is_same("1.5", "1.6")
    assert odata.read_number("1E+2x") == 0 and odata.read_number("12.340000") == Decimal("12.34")
    assert odata.following({"d": {"__next": "http://other/sap/c4c/odata/v1/c4codataapi/X?$skiptoken=1001"}}) == (
        "X?$skiptoken=1001"
    )


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_batch_is_taken_apart(newline: str) -> None:
    text = """--b
Content-Type: application/http
Content-Transfer-Encoding: binary

HTTP/1.1 200 OK
Content-Type: application/json

{"d":{"results":[{"ObjectID":"é"}]}}
--b
Content-Type: multipart/mixed; boundary=c

--c
Content-Type: application/http
Content-Transfer-Encoding: binary

HTTP/1.1 201 Created
ETag: W/"x"

{"d":{"results":{"ObjectID":"2"}}}
--c
Content-Type: application/http
Content-Transfer-Encoding: binary

HTTP/1.1 204 No Content


--c--
--b
Content-Type: application/http

HTTP/1.1 400 Bad Request
Content-Type: application/json

{"error":{"code":"","message":{"lang":"en","value":"No"}}}
--b--
""".replace("\n", newline)
    first, second, third = batch.parse("multipart/mixed; boundary=b", text.encode())
    assert odata.rows(first[0].body) == [{"ObjectID": "é"}]
    assert [answer.status for answer in second] == [201, 204] and second[0].headers["etag"] == 'W/"x"'
    assert second[1].body is None and translate(third[0].status, third[0].body).message == "No"


def test_a_batch_keeps_change_sets_together_and_tags_byte_for_byte() -> None:
    tag = "W/\"datetimeoffset'2016-04-27T23%3A07%3A31.6809330Z'\""
    writes = (Operation("PATCH", "X('1')", {"A": "é"}, tag), Operation("DELETE", "Y('2')"))
    content_type, body = batch.compose([(Operation("GET", "X?$top=1"),), writes])
    assert content_type.startswith("multipart/mixed; boundary=batch_")
    assert b"GET X?$top=1 HTTP/1.1\r\n" in body and body.count(b"multipart/mixed; boundary=changeset_") == 1
    assert f"If-Match: {tag}\r\n".encode() in body and '{"A": "é"}'.encode() in body


@pytest.mark.parametrize(
    ("status", "words", "kind", "code"),
    [
        (400, "Order 1 is locked by user X", Retryable, "LOCKED"),
        (500, "Object is locked", Retryable, "LOCKED"),
        (409, "", Retryable, "LOCKED"),
        (400, "Product BIKE-LOCK is blocked for sales", Rejected, "PRODUCT_INVALID"),
        (400, "Enter a name", Rejected, "VALUE_MISSING"),
        (401, "", Reauthorize, "HTTP_401"),
        (403, "No", Misconfigured, "HTTP_403"),
        (404, "", NotFound, "HTTP_404"),
        (412, "", Retryable, "PRECONDITION_FAILED"),
        (502, "", Retryable, "HTTP_502"),
    ],
)
def test_errors_by_status_and_words(status: int, words: str, kind: type[Exception], code: str) -> None:
    for body in ({"error": {"message": {"value": words}}}, f"<error><code/><message>{words}</message></error>"):
        error = translate(status, body)
        assert type(error) is kind and error.code == code
        assert getattr(error, "retry_after", None) is None


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 500])
@pytest.mark.parametrize("body", [None, "<html>nginx</html>", {"message": "Forbidden"}, {"error": "no"}, []])
def test_a_gateway_says_nothing_of_records(status: int, body: Any) -> None:
    error = translate(status, body)
    assert type(error) is Retryable and error.retry_after is None and error.code == f"HTTP_{status}"


def test_a_page_that_asks_for_the_password_is_a_refusal_of_it() -> None:
    assert type(translate(401, "<html>Logon failed</html>", {"WWW-Authenticate": "Basic"})) is Reauthorize


@pytest.mark.parametrize("header", ["", "x", "7", "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00"])
def test_throttled_waits_until_a_time(header: str) -> None:
    error = translate(429, None, {"Retry-After": header})
    assert isinstance(error, Retryable) and error.retry_after is not None and error.retry_after.tzinfo is not None
