"""Files of order lines: blank rows are left out, what cannot be used is said with its line, damage is said in words."""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from app.demo.invoices import COLUMNS, BadOrders, read

HEADER = ",".join(COLUMNS) + "\n"
GOOD = "1,a1, Tea  pot ,2.0,2011-01-01 08:00:00,1.335,5.0,UK\n"


def written(folder: Path, content: str) -> Path:
    path = folder / "orders.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_row_is_read_as_it_is_meant(tmp_path: Path) -> None:
    [invoice] = read(written(tmp_path, HEADER + GOOD))
    assert (invoice.number, invoice.customer, invoice.country) == ("1", "5", "UK")
    [line] = invoice.lines
    assert (line.code, line.description, line.quantity, line.unit_price) == ("A1", "Tea pot", 2, Decimal("1.335"))


@pytest.mark.parametrize("blank", ["\n", "   \n", ",,,,,,,\n", " , ,,,,,,\n"])
def test_blank_rows_are_left_out(tmp_path: Path, blank: str) -> None:
    [invoice] = read(written(tmp_path, HEADER + blank + GOOD + blank + GOOD + blank))
    assert len(invoice.lines) == 2


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1,A,x,1,2011-01-01 00:00:00,NaN,5,UK\n", "line 3: UnitPrice 'NaN'"),
        ("1,A,x,1,2011-01-01 00:00:00,-Infinity,5,UK\n", "line 3: UnitPrice '-Infinity'"),
        ("1,A,x,1,2011-01-01 00:00:00,1e30,5,UK\n", "line 3: UnitPrice '1e30'"),
        ('1,A,x,1,2011-01-01 00:00:00,"2,50",5,UK\n', "line 3: UnitPrice '2,50'"),
        ("1,A,x,inf,2011-01-01 00:00:00,1,5,UK\n", "line 3: Quantity 'inf'"),
        ("1,A,x,1.5,2011-01-01 00:00:00,2,5,UK\n", "line 3: Quantity '1.5' is not whole"),
        ("1,A,x,,2011-01-01 00:00:00,2,5,UK\n", "line 3: Quantity ''"),
        ("2,A,x,1,soon,2,5,UK\n", "line 3: InvoiceDate 'soon'"),
        ("1,A\n", "line 3: fewer columns"),
        ("1,A,x,1,2011-01-01 00:00:00,2,5\n", "line 3: fewer columns"),
        (",A,x,1,2011-01-01 00:00:00,2,5,UK\n", "line 3: no InvoiceNo"),
        ("1, ,x,1,2011-01-01 00:00:00,2,5,UK\n", "line 3: no StockCode"),
        (f"1,A,{'x' * 131_073},1,2011-01-01 00:00:00,2,5,UK\n", "line 3: field larger"),
    ],
)  # fmt: skip
def test_a_bad_row_is_said_with_its_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(BadOrders) as caught:
        read(written(tmp_path, HEADER + GOOD + row))
    assert words in str(caught.value)


def test_a_header_that_is_no_csv_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadOrders, match="line 1: field larger"):
        read(written(tmp_path, "x" * 131_073))


@pytest.mark.parametrize(("suffix", "compress"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_a_compressed_file_is_read_and_a_damaged_one_refused(
    tmp_path: Path, suffix: str, compress: Callable[[bytes], bytes]
) -> None:
    rows = "".join(f"{number},A,tea {number * 7919 % 1009},1,2011-01-01 08:00:00,1,5,UK\n" for number in range(2000))
    whole = compress((HEADER + rows).encode())
    path = tmp_path / f"orders.csv{suffix}"
    path.write_bytes(whole)
    assert len(read(path)) == 2000
    for start in range(12, len(whole) - 8, len(whole) // 20):  # other places break other parts of the format
        path.write_bytes(whole[:start] + b"\xff" * 8 + whole[start + 8 :])
        with pytest.raises(BadOrders):
            read(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadOrders, match=r"orders\.csv.* cannot be read"):
        read(path)
