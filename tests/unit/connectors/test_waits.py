"""How long a vendor asks us to wait, whatever stands in the header."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.connectors.sap_sales_cloud import errors as sap
from app.connectors.sugarcrm import errors as sugarcrm
from app.db import now
from app.errors import Retryable

LITTLE = timedelta(seconds=5)


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        ("12", timedelta(seconds=12), timedelta(seconds=12)),
        ("9" * 30, timedelta(days=1), timedelta(days=20_000)),  # the engine waits no longer than a day
        ("²", timedelta(0), timedelta(minutes=10)),
        ("soon", timedelta(0), timedelta(minutes=10)),
    ],
)
def test_a_retry_after_of_any_kind(given: str, least: timedelta, most: timedelta) -> None:
    for error in (sugarcrm.translate(429, {}, given), sap.translate(429, {}, {"Retry-After": given})):
        assert isinstance(error, Retryable) and error.retry_after is not None
        assert least - LITTLE <= error.retry_after - now() <= most + LITTLE
