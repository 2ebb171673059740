"""Rows as the CSV of a Bulk API 2.0 job."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from app.connectors.salesforce.names import Names
from app.connectors.salesforce.steps import Step

EMPTY = "#N/A"  # an empty cell leaves the field as it is
ID = "Id"
_PARENTS = ("AccountId", "Account", "Product2Id", "Product2", "OrderId", "Order")


def fits(step: Step) -> bool:
    """Whether a CSV can carry the row: no text that would empty the field, nothing nested but references."""
    cells = flat(step).values()
    return not any(value == EMPTY or isinstance(value, dict | list) for value in cells)


def flat(step: Step) -> dict[str, Any]:
    """The row by its columns; a reference by external id is `Account.Key__c`."""
    row: dict[str, Any] = {step.key or ID: step.value}
    for name, value in step.body.items():
        if isinstance(value, Mapping) and len(value) == 1:
            row |= {f"{name}.{key}": inner for key, inner in value.items()}
        else:
            row[name] = value
    return row


def cell(value: Any) -> str:
    """A value as Salesforce reads it out of a CSV; one kind of line break in all of the file."""
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | Decimal):
        return format(Decimal(str(value)), "f")
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def files(steps: Sequence[Step], names: Names, most: int) -> Iterator[tuple[list[Step], bytes]]:
    """CSVs of at most so many bytes, each with its rows; those of one parent stand together, for it is locked."""
    rows = [(step, flat(step)) for step in sorted(steps, key=_parent)]
    columns = list(dict.fromkeys(name for _, row in rows for name in row))
    header = _line([names.text(name) for name in columns])
    part, lines, size = list[Step](), [header], len(header)
    for step, row in rows:
        line = _line([cell(row[name]) if name in row else "" for name in columns])
        if part and size + len(line) > most:
            yield part, b"".join(lines)
            part, lines, size = [], [header], len(header)
        part.append(step)
        lines.append(line)
        size += len(line)
    yield part, b"".join(lines)


def _line(cells: Sequence[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue().encode()


def _parent(step: Step) -> tuple[str, str]:
    parents = (step.body.get(name) for name in _PARENTS)
    return next((str(parent) for parent in parents if parent), ""), step.value
