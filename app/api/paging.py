"""A page of a list, the same for every list of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_smorest.pagination import PaginationParameters
from marshmallow import Schema, fields


class Paged(Schema):
    """What a page says besides its `items`."""

    total = fields.Integer(metadata={"description": "How many there are on all pages"})
    page = fields.Integer()
    pages = fields.Integer()


def paged(pages: PaginationParameters, items: Sequence[Any], total: int) -> dict[str, Any]:
    """The body of one page; there is always a first one."""
    pages.item_count = total
    return {"items": items, "total": total, "page": pages.page, "pages": max(1, -(-total // pages.page_size))}
