"""The fifteen order statuses."""

from __future__ import annotations

from .records import Json

INCOMPLETE, PENDING, SHIPPED, PARTIALLY_SHIPPED, REFUNDED = 0, 1, 2, 3, 4
PARTIALLY_REFUNDED = 14

# id: name, what it means, position in the merchant's list
STATUSES = {
    0: ("Incomplete", "The shopper reached the payment page and did not complete the payment.", 0),
    1: ("Pending", "The shopper began the checkout and did not complete it.", 1),
    2: ("Shipped", "The order has left; its receipt is not confirmed.", 8),
    3: ("Partially Shipped", "Some of the items have left.", 6),
    4: ("Refunded", "The whole order was refunded.", 12),
    5: ("Cancelled", "The order was cancelled.", 10),
    6: ("Declined", "The seller declined the order.", 11),
    7: ("Awaiting Payment", "The checkout is complete, the payment not yet confirmed.", 2),
    8: ("Awaiting Pickup", "Packed, waiting for the shopper to collect it.", 5),
    9: ("Awaiting Shipment", "Packed, waiting for the carrier.", 4),
    10: ("Completed", "Shipped or collected, and received.", 9),
    11: ("Awaiting Fulfillment", "Paid, to be packed.", 3),
    12: ("Manual Verification Required", "On hold while someone checks it.", 13),
    13: ("Disputed", "The shopper disputes the payment.", 14),
    14: ("Partially Refunded", "A part of the order was refunded.", 15),
}
NAMES = {number: name for number, (name, _, _) in STATUSES.items()}


def status(number: int) -> Json:
    """One status as `/v2/order_statuses` shows it."""
    name, meaning, position = STATUSES[number]
    return {
        "id": number,
        "name": name,
        "system_label": name,
        "custom_label": name,
        "system_description": meaning,
        "order": position,
    }
