"""Our own records: frozen, no I/O, the common tongue between the vendors."""

from app.domain.cart import Cart
from app.domain.category import Category
from app.domain.company import Company, CompanyStatus
from app.domain.customer import Address, Customer
from app.domain.message import Message
from app.domain.order import Charge, ChargeKind, Discount, Order, OrderLine, Refund, Shipment
from app.domain.product import Product, Variant
from app.domain.record import Record, to_json

__all__ = [
    "Address",
    "Cart",
    "Category",
    "Charge",
    "ChargeKind",
    "Company",
    "CompanyStatus",
    "Customer",
    "Discount",
    "Message",
    "Order",
    "OrderLine",
    "Product",
    "Record",
    "Refund",
    "Shipment",
    "Variant",
    "to_json",
]
