"""Addresses of record pages in Lightning."""

from __future__ import annotations

from app.connectors.base import Ref
from app.connectors.salesforce.products import FAMILY


def page(instance_url: str, ref: Ref) -> str:
    """A record's page; a product's is that of its first variant."""
    sobject = "Product2" if ref.kind == FAMILY else ref.kind
    return f"{instance_url.rstrip('/')}/lightning/r/{sobject}/{ref.id}/view"
