"""Order lines from a file: CSV as it comes, grouped into invoices; what is wrong is said with its line."""

from __future__ import annotations

import csv
import gzip
import lzma
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TextIO

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
DATE_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")


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
        invoices = _group(csv.DictReader(file))
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
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise BadOrders(f"{path.name} cannot be read: {error}") from None


def _group(rows: csv.DictReader[str]) -> list[Invoice]:
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise BadOrders(f"the file lacks the columns {', '.join(missing)}")
    found: dict[str, list[dict[str, str]]] = {}
    lines: dict[str, list[InvoiceLine]] = {}
    for row in rows:
        number = row["InvoiceNo"].strip()
        found.setdefault(number, []).append(row)
        lines.setdefault(number, []).append(_line(row, rows.line_num))
    return [_invoice(number, found[number], lines[number]) for number in found]


def _line(row: dict[str, str], where: int) -> InvoiceLine:
    try:
        return InvoiceLine(
            # One code is written in both cases in real files; a SKU is one all the same.
            code=row["StockCode"].strip().upper(),
            description=" ".join((row["Description"] or "").split()),
            quantity=int(Decimal(row["Quantity"])),
            unit_price=Decimal(row["UnitPrice"]),
        )
    except (InvalidOperation, ValueError, TypeError, OverflowError):
        raise BadOrders(f"line {where}: Quantity {row['Quantity']!r} or UnitPrice {row['UnitPrice']!r}") from None


def _invoice(number: str, rows: list[dict[str, str]], lines: Iterable[InvoiceLine]) -> Invoice:
    first = rows[0]
    customer = (first["CustomerID"] or "").strip().removesuffix(".0")
    return Invoice(number, _date(first["InvoiceDate"]), customer, (first["Country"] or "").strip(), tuple(lines))


def _date(text: str) -> datetime:
    for form in DATE_FORMATS:
        try:
            # The file names no zone; UTC keeps every order on its day.
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise BadOrders(f"InvoiceDate {text!r} is no date that we know")
