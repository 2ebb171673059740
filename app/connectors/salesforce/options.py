"""The switches of this connector, in Salesforce's words."""

from __future__ import annotations

from app.connectors.base import TO_STORE, Option

OPTIONS: tuple[Option, ...] = (
    Option("orders", "Orders", "Orders with their lines, activated once they are sales.", ("order",)),
    Option("customers", "Customers", "Customers as contacts with an account.", ("customer",)),
    Option("products", "Products", "Variants as products with their standard price.", ("product",)),
    Option(
        "opportunities",
        "Opportunities",
        "An opportunity beside every order, won once the order is a sale.",
        (),
        default=False,
    ),
    Option("carts", "Carts", "Carts that were left, as leads; converted once they are orders.", ("cart",)),
    Option(
        "carts_as_opportunities",
        "Carts as opportunities",
        "The cart of a known contact becomes an opportunity instead of a lead.",
        (),
        default=False,
    ),
    Option(
        "registrations_as_leads",
        "Registrations as leads",
        "Who registers becomes a lead, converted into contact and account with the first order.",
        (),
        default=False,
    ),
    Option(
        "companies",
        "Companies",
        "Companies of the B2B edition as accounts that hold their buyers' contacts.",
        ("company",),
    ),
    Option("messages", "Messages", "Messages on orders as completed tasks.", ("message",), default=False),
    Option(
        "activities",
        "Activities",
        "Placed orders, status changes, refunds and shipments as completed tasks.",
        (),
        default=False,
    ),
    Option(
        "groups_as_account_type",
        "Customer groups as account type",
        "The customer's group becomes the account's Type where the list has it.",
        (),
        default=False,
    ),
    Option(
        "customer_edits",
        "Edits of customers",
        "Changes of contacts, accounts and leads go to the store.",
        ("customer",),
        TO_STORE,
    ),
    Option(
        "product_edits",
        "Edits of products",
        "Changed names and standard prices go to the store.",
        ("product",),
        TO_STORE,
        default=False,
    ),
    Option(
        "stock_edits",
        "Edits of stock",
        "Changes of the Stock field of products go to the store.",
        ("stock",),
        TO_STORE,
        default=False,
    ),
    Option(
        "order_status_edits",
        "Edits of orders",
        "Changes of Store Status, Tracking Number and Carrier go to the store.",
        ("order",),
        TO_STORE,
        default=False,
    ),
    Option(
        "new_contacts",
        "New contacts",
        "New contacts become customers of the store.",
        ("new_customer",),
        TO_STORE,
        default=False,
    ),
)
