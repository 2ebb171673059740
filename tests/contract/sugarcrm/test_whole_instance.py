"""What single answers of a bulk say of the whole instance: a session that is over, a limit."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from app.connectors.base import Outcome
from app.db import now
from app.domain import Order
from app.errors import Reauthorize, Retryable
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import buyer, order

LOGIN = {"status": 401, "contents": {"error": "need_login", "error_message": "No."}, "headers": {}}
SLOW = {"status": 429, "contents": {"error": "too_many", "error_message": "Slow."}, "headers": {"Retry-After": "300"}}
EXPIRED = {"status": 401, "contents": {"error": "invalid_grant", "error_message": "Expired."}, "headers": {}}


class Gate(HTTPAdapter):
    """Between us and the instance: some parts of bulks do not get through, and have this answer."""

    def __init__(self, stops: Callable[[dict[str, Any]], bool], answer: dict[str, Any]) -> None:
        super().__init__()
        self._stops = stops
        self._answer = answer

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        if not str(request.url).endswith("/bulk"):
            return super().send(request, *args, **kwargs)
        parts = json.loads(request.body or b"")["requests"]
        through = [part for part in parts if not self._stops(part)]
        request.prepare_body(None, None, json={"requests": through})
        response = super().send(request, *args, **kwargs)
        answers = iter(response.json())
        both = [self._answer if self._stops(part) else next(answers) for part in parts]
        response._content = json.dumps(both).encode()
        return response


def stop(sugar: Instance, stops: Callable[[dict[str, Any]], bool], answer: dict[str, Any]) -> None:
    sugar.crm.client._session.mount(sugar.url, Gate(stops, answer))


def of_order(number: int) -> Callable[[dict[str, Any]], bool]:
    """The part that makes the opportunity of an order."""
    return lambda part: (
        part["url"].endswith("/Opportunities") and f"s1-{number}" in part["data"].split('"sync_key"')[-1]
    )


def orders() -> list[Order]:
    return [order(number, buyer=buyer(number, email=f"b{number}@example.com")) for number in (1, 2)]


def remembered(sugar: Instance, outcomes: list[Outcome]) -> None:
    """The first is made and known to be so; the second is made by the next run."""
    first, second = outcomes
    assert first.error is None and first.made[("order", "1")].ref.id == sugar.row("Opportunities")["id"]
    assert ("customer", "2") in second.made
    sugar.open()
    sugar.good(*orders(), attempt=2)
    assert len(sugar.rows("Opportunities")) == 2 == len(sugar.rows("Contacts"))


def test_a_session_that_is_over_for_one_is_over_for_all(sugar: Instance) -> None:
    stop(sugar, lambda part: part["method"] in ("POST", "PUT") and "filter" not in part["url"], LOGIN)
    with pytest.raises(Reauthorize):
        sugar.write(*orders())


def test_a_session_that_ends_in_the_middle(sugar: Instance) -> None:
    stop(sugar, of_order(2), LOGIN)
    outcomes = sugar.write(*orders())
    assert isinstance(outcomes[1].error, Reauthorize)
    assert outcomes[1].flags == ()  # not taken for a refusal of its products
    remembered(sugar, outcomes)


def test_a_token_that_ends_in_the_middle_and_cannot_be_renewed(sugar: Instance) -> None:
    stop(sugar, of_order(2), EXPIRED)
    kept, sugar.refresh_token = sugar.refresh_token, "{}"
    outcomes = sugar.write(*orders())
    assert isinstance(outcomes[1].error, Reauthorize)
    sugar.refresh_token = kept
    remembered(sugar, outcomes)


def test_a_limit_in_the_middle_says_how_long(sugar: Instance) -> None:
    stop(sugar, of_order(2), SLOW)
    outcomes = sugar.write(*orders())
    error = outcomes[1].error
    assert isinstance(error, Retryable) and error.retry_after is not None
    assert timedelta(seconds=290) < error.retry_after - now() <= timedelta(seconds=300)
    remembered(sugar, outcomes)


def test_a_limit_for_all_is_the_calls(sugar: Instance) -> None:
    stop(sugar, lambda part: part["method"] == "POST" and "filter" not in part["url"], SLOW)
    with pytest.raises(Retryable) as caught:
        sugar.write(*orders())
    assert caught.value.retry_after is not None and sugar.rows("Opportunities") == []


def test_a_limit_between_two_bulks_keeps_its_time(sugar: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.connectors.sugarcrm.writer.BULK", 3)  # the buyer's two and the first opportunity
    told = 0

    def count(response: Response, *_: Any, **__: Any) -> None:
        nonlocal told
        told += str(response.url).endswith("/bulk")
        if told == 2:
            told += 100
            sugar.control("fail", status=429, match="/bulk", headers={"Retry-After": "300"})

    sugar.crm.client._session.hooks["response"].append(count)
    outcomes = sugar.write(*orders())
    error = outcomes[1].error
    assert isinstance(error, Retryable) and error.retry_after is not None
    assert error.retry_after - now() > timedelta(seconds=290)
