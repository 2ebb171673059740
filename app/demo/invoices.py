"""Order lines from a file: CSV as it comes, grouped into invoices; what is wrong is said with its line."""

from __future__ import annotations

import csv
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TextIO

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")
LARGEST = 10**9  # of a quantity or a price: amounts stay exact in the 28 digits of a decimal

Row = dict[str, str]


class BadOrders(Exception):
    """The file cannot be used; says where and why."""


@dataclass(frozen=True)
class InvoiceLine:
    """One row of the file."""

    code: str
    description: str
    quantity: int
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.unit_price


@dataclass(frozen=True)
class Invoice:
    """The rows of one number."""

    number: str
    placed_at: datetime
    customer: str  # empty: a guest
    country: str
    lines: tuple[InvoiceLine, ...]

    @property
    def is_cancellation(self) -> bool:
        """A number that starts with C, or goods that only went back (stock written off under an invoice number)."""
        return self.number.upper().startswith("C") or all(line.quantity <= 0 for line in self.lines)

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))


def read(path: Path, limit: int | None = None) -> list[Invoice]:
    """The invoices of a file, in the order of their dates. Raises BadOrders."""
    with _open(path) as file:
        rows = csv.DictReader(file)
        try:
            invoices = _group(rows)
        except csv.Error as error:
            raise BadOrders(f"line {rows.reader.line_num}: {error}") from None
    invoices.sort(key=lambda invoice: invoice.placed_at)  # stable: the file's order within a minute
    return invoices[:limit]


@contextmanager
def _open(path: Path) -> Iterator[TextIO]:
    openers: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open}
    opener = openers.get(path.suffix, open)
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            yield file
    except UnicodeDecodeError:
        raise BadOrders(f"{path.name} is not UTF-8 text") from None
    except (OSError, EOFError, lzma.LZMAError, zlib.error) as error:
        raise BadOrders(f"{path.name} cannot be read: {error}") from None


def _group(rows: csv.DictReader[str]) -> list[Invoice]:
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise BadOrders(f"the file lacks the columns {', '.join(missing)}")
    first: dict[str, tuple[Row, int]] = {}  # the first row of each invoice and its line in the file
    lines: dict[str, list[InvoiceLine]] = {}
    for whole in rows:
        row = _cells(whole, rows.line_num)
        if row is None:
            continue
        first.setdefault(row["InvoiceNo"], (row, rows.line_num))
        lines.setdefault(row["InvoiceNo"], []).append(_line(row, rows.line_num))
    return [_invoice(row, where, lines[number]) for number, (row, where) in first.items()]


def _cells(row: Mapping[str, str | None], where: int) -> Row | None:
    """Our columns of a row, trimmed; None if all are blank (spreadsheets leave such rows at the end)."""
    given = {column: text.strip() for column in COLUMNS if (text := row[column]) is not None}
    if not any(given.values()):
        return None
    if len(given) < len(COLUMNS):
        raise BadOrders(f"line {where}: fewer columns than the header")
    for column in ("InvoiceNo", "StockCode"):
        if not given[column]:
            raise BadOrders(f"line {where}: no {column}")
    return given


def _line(row: Row, where: int) -> InvoiceLine:
    quantity, price = _number(row, "Quantity", where), _number(row, "UnitPrice", where)
    if quantity != quantity.to_integral_value():
        raise BadOrders(f"line {where}: Quantity {row['Quantity']!r} is not whole")
    # One code is written in both cases in real files; a SKU is one all the same.
    return InvoiceLine(row["StockCode"].upper(), " ".join(row["Description"].split()), int(quantity), price)


def _number(row: Row, column: str, where: int) -> Decimal:
    try:
        number = Decimal(row[column])
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > LARGEST:
        raise BadOrders(f"line {where}: {column} {row[column]!r} is no number that we can use")
    return number


def _invoice(first: Row, where: int, lines: Iterable[InvoiceLine]) -> Invoice:
    placed_at = _date(first["InvoiceDate"], where)
    customer = first["CustomerID"].removesuffix(".0")
    return Invoice(first["InvoiceNo"], placed_at, customer, first["Country"], tuple(lines))


def _date(text: str, where: int) -> datetime:
    for form in DATE_FORMATS:
        try:
            # The file names no zone; UTC keeps every order on its day.
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise BadOrders(f"line {where}: InvoiceDate {text!r} is no date that we know")
