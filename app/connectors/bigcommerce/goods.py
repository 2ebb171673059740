"""The catalogue as our records: products with their variants, and categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial

from markupsafe import Markup

from app.connectors.base import Payload
from app.connectors.bigcommerce import money
from app.connectors.bigcommerce.client import PAGE, Client
from app.connectors.bigcommerce.names import Names
from app.connectors.bigcommerce.readers import Fetched, iso, readable
from app.connectors.bigcommerce.windows import lists
from app.domain import Category, Product, Variant

PRODUCTS, VARIANTS = "/v3/catalog/products", "/v3/catalog/variants"


class Goods:
    """Products and categories of one store."""

    def __init__(self, client: Client, names: Names, currency: str, shop_url: str) -> None:
        self._client = client
        self._names = names
        self.currency = currency
        self._shop_url = shop_url

    def products(self, ids: Sequence[int]) -> dict[str, Fetched]:
        """Products by their id, with the paths of their categories."""
        rows = self.rows(ids)
        self._names.categories.load(first for row in rows.values() if (first := first_category(row)))
        found: dict[str, Fetched] = {str(number): None for number in ids}
        for number, row in rows.items():
            found[str(number)] = readable(partial(self._product, row))
        return found

    def variants(self, ids: Sequence[int]) -> dict[str, Fetched]:
        """The products that hold these variants, by the variant's id."""
        holders: dict[int, int] = {}
        for part in lists(ids, most=PAGE):
            for row in self._client.rows_v3(VARIANTS, {"id:in": part}):
                holders[int(row["id"])] = int(row["product_id"])
        products = self.products(sorted(set(holders.values())))
        return {str(number): products.get(str(holders.get(number))) for number in ids}

    def categories(self, ids: Sequence[int]) -> dict[str, Fetched]:
        """Categories by their id, with all above them."""
        self._names.categories.load(ids, fresh=True)
        return {str(number): readable(partial(self._names.categories.get, number)) for number in ids}

    def rows(self, ids: Iterable[int]) -> dict[int, Payload]:
        """Products with their variants as the store tells them."""
        found: dict[int, Payload] = {}
        for part in lists(ids, most=PAGE):
            rows = self._client.rows_v3(PRODUCTS, {"id:in": part, "include": "variants"})
            found.update((int(row["id"]), row) for row in rows)
        return found

    def _product(self, row: Payload) -> Product:
        return product(row, self.currency, self._shop_url, self._names.categories.get(first_category(row)))


def first_category(row: Payload) -> int:
    """The category that a product is shown under, 0 for none."""
    return int(next(iter(row.get("categories") or ()), 0))


def product(row: Payload, currency: str, shop_url: str = "", category: Category | None = None) -> Product:
    """A product of V3 with variants included; what a variant leaves open it has from its product."""
    variants = (_variant(row, variant, currency, shop_url, category) for variant in row.get("variants") or ())
    return Product(
        id=str(row["id"]),
        name=row["name"],
        variants=tuple(variants),
        modified_at=iso(row["date_modified"]) if row.get("date_modified") else None,
    )


def stock(parent: Payload, row: Payload) -> int | None:
    """What is available to sell, counted where the product says that it is tracked; None: it is not."""
    match parent.get("inventory_tracking"):
        case "product":
            return int(parent.get("inventory_level") or 0)
        case "variant":
            return int(row.get("inventory_level") or 0)
        case _:
            return None


def price(parent: Payload, row: Payload) -> Decimal:
    """The variant's own price, else its product's."""
    return money.amount(parent if row.get("price") is None else row, "price")


def variant_name(parent: Payload, row: Payload) -> str:
    """What a variant is called: its product's name, and its options if it has any."""
    values = ", ".join(value["label"] for value in row.get("option_values") or ())
    return f"{parent['name']} - {values}" if values else str(parent["name"])


def _variant(parent: Payload, row: Payload, currency: str, shop_url: str, category: Category | None) -> Variant:
    path = (parent.get("custom_url") or {}).get("url") or ""
    visible = parent.get("is_visible", True) and parent.get("availability") != "disabled"
    return Variant(
        id=str(row["id"]),
        product_id=str(parent["id"]),
        sku=row.get("sku") or parent.get("sku") or "",
        name=variant_name(parent, row),
        price=price(parent, row),
        currency=currency,
        description=Markup(parent.get("description") or "").striptags(),  # noqa: S704 - taken apart, never shown as markup
        url=shop_url.rstrip("/") + path if shop_url and path else "",
        active=bool(visible and not row.get("purchasing_disabled")),
        category_id=category.id if category else "",
        category=category.path if category else "",
        stock=stock(parent, row),
    )
