"""The switches that a merchant sees, in Sugar's words."""

from __future__ import annotations

from app.connectors.base import TO_STORE, Option

OPTIONS = (
    Option("orders", "Orders", "Orders as opportunities with a revenue line item per line and refund.", ("order",)),
    Option("customers", "Customers", "Customers as contacts with an account.", ("customer",)),
    Option(
        "products", "Products", "Variants in the product catalog, which the user must be allowed to write.",
        ("product",),
    ),
    Option("categories", "Categories", "Categories of the store as product categories.", ("category",)),
    Option("companies", "Companies", "B2B companies as accounts with their contacts.", ("company",)),
    Option("carts", "Abandoned carts", "Carts as leads, converted once they are ordered.", ("cart",)),
    Option(
        "carts_as_opportunities", "Carts as opportunities",
        "The cart of a known contact becomes an opportunity, which its order takes over.", (), default=False,
    ),
    Option(
        "registrations_as_leads", "Registrations as leads",
        "Who registers is a lead, and a contact from the first order on.", (), default=False,
    ),
    Option(
        "groups_as_account_type", "Groups as account types",
        "A customer's group becomes the account type where the list has it.", (), default=False,
    ),
    Option("messages", "Messages", "Messages on orders as notes.", ("message",), default=False),
    Option(
        "activities", "Activities", "Orders placed, status changes, refunds and shipments as completed tasks.", (),
        default=False,
    ),
    Option("quotes", "Quotes", "A quote beside every opportunity, with the same lines.", (), default=False),
    Option(
        "customer_edits", "Edits of people", "What people change on contacts and accounts goes to the store.",
        ("customer", "company"), TO_STORE,
    ),
    Option(
        "new_contacts", "New contacts", "New contacts become customers of the store.", ("new_customer",), TO_STORE,
        default=False,
    ),
    Option(
        "product_edits", "Edits of products", "Names and prices of the product catalog go to the store.", ("product",),
        TO_STORE, default=False,
    ),
    Option(
        "stock_edits", "Edits of stock", "Quantity in stock of the product catalog goes to the store.", ("stock",),
        TO_STORE, default=False,
    ),
    Option(
        "order_status_edits", "Edits of orders", "Store status and tracking of opportunities go to the store.",
        ("order",), TO_STORE, default=False,
    ),
)  # fmt: skip
