"""Years of trade at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from app.sandbox.bigcommerce import create_app
from tests.sandbox.conftest import serving


def test_orders_of_the_past_are_made_at_once_and_the_same_again() -> None:
    def made() -> list[dict[str, Any]]:
        with serving(create_app, limits=False) as url:
            answer = requests.post(f"{url}/_sandbox/past", json={"orders": 40, "days": 100, "seed": 3}, timeout=30)
            told = answer.json()
            assert (told["orders"], told["customers"]) == (40, 10)
            headers = {"X-Auth-Token": "sandbox-bc-token"}
            asked = {"min_id": told["first_id"], "max_id": told["last_id"], "limit": 250}
            rows = requests.get(f"{url}/stores/sandbox1/v2/orders", params=asked, headers=headers, timeout=30).json()
            return list(rows)

    first, second = made(), made()
    assert [row["total_inc_tax"] for row in first] == [row["total_inc_tax"] for row in second]
    placed = [parsedate_to_datetime(row["date_created"]) for row in first]
    assert placed == sorted(placed)
    assert datetime.now(UTC) - placed[0] > timedelta(days=99) > datetime.now(UTC) - placed[-1]
    assert [row["date_modified"] for row in first] == [row["date_created"] for row in first]
