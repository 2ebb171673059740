"""The report: lines left out are told in words, the JSON keeps its keys."""

from __future__ import annotations

import pytest

from app.demo.report import Report


@pytest.mark.parametrize(("skipped", "told"), [(0, False), (3, True)])
def test_lines_left_out_are_told_in_words_only(skipped: int, told: bool) -> None:
    report = Report(5, 4, 1, 2, skipped, ())
    assert (f"{skipped} lines left out" in str(report)) is told
    assert report.to_json() == {"orders": 5, "customers": 4, "refunds": 1, "unmatched_refunds": 2, "connections": []}
