"""What is sold: a product and its variants; a variant is what has a SKU and a price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar


@dataclass(frozen=True)
class Variant:
    """One SKU. `id` is the store's variant id; every product has at least its base variant."""

    kind: ClassVar[str] = "variant"

    id: str
    product_id: str
    sku: str
    name: str  # the product's name, with the options' values where there are several variants
    price: Decimal
    currency: str
    description: str = ""
    url: str = ""
    active: bool = True
    category_id: str = ""  # the first of its product's
    category: str = ""  # that category's path, "Kitchen / Mugs"
    stock: int | None = None  # pieces available to sell; None: not tracked


@dataclass(frozen=True)
class Product:
    """A product of the catalogue with all its variants."""

    kind: ClassVar[str] = "product"

    id: str
    name: str
    variants: tuple[Variant, ...]
    modified_at: datetime | None = None
