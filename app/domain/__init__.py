"""Our own records: frozen, no I/O, the common tongue between the vendors."""

from app.domain.customer import Address, Customer
from app.domain.order import Charge, ChargeKind, Discount, Order, OrderLine, Refund
from app.domain.product import Product, Variant
from app.domain.record import Record, to_json

__all__ = [
    "Address",
    "Charge",
    "ChargeKind",
    "Customer",
    "Discount",
    "Order",
    "OrderLine",
    "Product",
    "Record",
    "Refund",
    "Variant",
    "to_json",
]
