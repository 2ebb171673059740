"""One bad body of a batch is found, and what a 207 leaves out is asked for by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.bigcommerce.batches import send
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable


class Api:
    """Takes bodies as BigCommerce does: all, none for the sake of a bad one, or all but those it passes over."""

    def __init__(self, bad: Iterable[int] = (), passed_over: Iterable[int] = ()) -> None:
        self.bad, self.passed_over = set(bad), set(passed_over)
        self.calls: list[list[int]] = []
        self.kept: set[int] = set()

    def put(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        ids = [row["id"] for row in rows]
        self.calls.append(ids)
        if self.bad & set(ids):
            raise Rejected("bad", status=422)
        self.kept |= set(ids) - self.passed_over
        return {"data": [row for row in rows if row["id"] not in self.passed_over]}


def key(row: dict[str, Any]) -> str:
    return str(row["id"])


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.integers(1, 12))
def test_every_body_has_its_own_answer(bad: set[int], passed_over: set[int], most: int) -> None:
    api = Api(bad, passed_over - bad)
    bodies = {str(number): {"id": number} for number in range(31)}
    answers = send(api.put, bodies, most, key)
    assert list(answers) == list(bodies)
    assert {int(name) for name, answer in answers.items() if isinstance(answer, Rejected)} == bad
    assert {int(name) for name, answer in answers.items() if answer is None} == passed_over - bad
    assert api.kept == set(range(31)) - bad - passed_over
    assert max(len(ids) for ids in api.calls) <= most


def test_nothing_to_send_is_no_call() -> None:
    api = Api()
    assert send(api.put, {}, 10, key) == {}
    assert api.calls == []


@pytest.mark.parametrize("error", [Reauthorize("dead"), Misconfigured("scope"), Retryable("later")])
def test_what_concerns_all_is_raised(error: Exception) -> None:
    def put(rows: list[dict[str, Any]]) -> Any:
        raise error

    with pytest.raises(type(error)):
        send(put, {"1": {"id": 1}, "2": {"id": 2}}, 10, key)
