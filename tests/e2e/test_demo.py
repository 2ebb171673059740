"""The demo as an operator runs it: every order arrives, every total agrees, and the exit code says so."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.demo.invoices import COLUMNS

ROOT = Path(__file__).parents[2]
HEADER = ",".join(COLUMNS)
USUAL = {"POST", "DOT", "M", "D", "C2", "BANK CHARGES"}  # codes of lines that are no goods, and that many have
REAL = ROOT.parent / "shared" / "data" / "online_retail_2010-12.csv.gz"


def demo(*arguments: str, offset: int) -> tuple[int, dict[str, Any], str]:
    """Exit code, report and what was said beside it."""
    command = [sys.executable, "-m", "app.cli", "demo", "--once", "--json", "--port-offset", str(offset), *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STORELINE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=280)
    report = json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}
    return done.returncode, report, done.stderr


def check(report: dict[str, Any], orders: int) -> dict[str, Any]:
    """The report's form, and that both sides agree; the one connection."""
    assert set(report) == {"orders", "customers", "refunds", "unmatched_refunds", "connections"}
    [connection] = report["connections"]
    assert set(connection) == {
        "vendor", "orders", "expected", "source_total", "target_total", "drift", "dead", "calls", "seconds",
    }  # fmt: skip
    assert report["orders"] == connection["orders"] == connection["expected"] == orders
    assert connection["source_total"] == connection["target_total"]
    assert connection["drift"] == dict.fromkeys(connection["source_total"], "0.00")
    assert connection["dead"] == 0
    return dict(connection)


def test_the_generated_orders_arrive() -> None:
    code, report, said = demo("--crm", "salesforce", offset=1200)
    assert code == 0, said
    connection = check(report, 54)
    assert (connection["vendor"], report["refunds"], report["unmatched_refunds"]) == ("salesforce", 6, 0)
    assert Decimal(connection["source_total"]["GBP"]) > 1000


def part_of(whole: Path, path: Path) -> Path:
    """All of every eighth buyer, of those who are abroad, and of those who have a line that is no goods and rare."""
    with gzip.open(whole, "rt", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    def buyer(row: dict[str, str]) -> str:
        return row["CustomerID"] or row["InvoiceNo"]

    def is_rare(row: dict[str, str]) -> bool:
        return row["Country"] != "United Kingdom" or not (row["StockCode"][0].isdigit() or row["StockCode"] in USUAL)

    kept = {buyer(row) for row in rows if is_rare(row) or int(buyer(row).lstrip("CA").partition(".")[0]) % 8 == 0}
    with path.open("w", newline="") as file:
        part = csv.DictWriter(file, COLUMNS)
        part.writeheader()
        part.writerows(row for row in rows if buyer(row) in kept)
    return path


@pytest.mark.skipif(not REAL.exists(), reason=f"the real orders are not on this machine ({REAL.name})")
def test_a_month_of_real_orders_arrives(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """A part of its buyers, or all of them."""
    is_whole = request.config.getoption("--whole-month")
    invoices, orders, customers, total = (2025, 1629, 948, "816002.27") if is_whole else (343, 270, 178, "199658.13")
    path = REAL if is_whole else part_of(REAL, tmp_path / "orders.csv")
    code, report, said = demo("--crm", "salesforce", "--orders", str(path), offset=1300)
    assert code == 0, said
    connection = check(report, orders)
    assert report["customers"] == customers
    assert report["refunds"] + report["unmatched_refunds"] == invoices - orders  # each invoice is one or the other
    assert report["refunds"] > 0 and report["unmatched_refunds"] > 0
    assert connection["source_total"] == {"GBP": total}
    assert connection["calls"]["source"] / orders < 0.2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("InvoiceNo,StockCode\n1,A\n", "lacks the columns Description"),
        (f"{HEADER}\n1,A,x,many,2010-12-01 08:00:00,1,,UK\n", "line 2: Quantity 'many'"),
        (f"{HEADER}\n1,A,x,1,soon,1,,UK\n", "InvoiceDate 'soon'"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_refused_in_words(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(content)
    code, report, said = demo("--orders", str(path), offset=1400)
    assert (code, report) == (2, {})
    assert words in said
