"""The store itself: information, time (V2) and inventory settings (V3)."""

from __future__ import annotations

import time

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from .envelope import v3_one
from .records import Json
from .state import DEFAULT_CURRENCY, STORE_ID, State

# What no setting and no test changes.
INFORMATION: Json = {
    "address": "1 Sandbox Street\nLondon\nE1 6AN",
    "country": "United Kingdom",
    "country_code": "GB",
    "phone": "+44 20 7946 0000",
    "favicon_url": "",
    "timezone": {
        "name": "Europe/London",
        "raw_offset": 0,
        "dst_offset": 3600,
        "dst_correction": True,
        "date_format": {"display": "jS M Y", "export": "jS M Y", "extended_display": "jS M Y @ g:i A"},
    },
    "language": "en",
    "currency": DEFAULT_CURRENCY,
    "currency_symbol": "£",
    "decimal_separator": ".",
    "thousands_separator": ",",
    "decimal_places": 2,
    "currency_symbol_location": "left",
    "weight_units": "KGS",
    "dimension_units": "Centimeters",
    "dimension_decimal_places": 2,
    "dimension_decimal_token": ".",
    "dimension_thousands_token": ",",
    "plan_name": "Standard",
    "plan_level": "Standard",
    "plan_is_trial": False,
    "industry": "Gifts",
    "logo": [],
    "is_price_entered_with_tax": False,
    "default_channel_id": 1,
    "default_site_id": 1000,
    "active_comparison_modules": [],
    "infrastructure_region": "europe-west1",
}
FEATURES: Json = {
    "stencil_enabled": True,
    "sitewidehttps_enabled": True,
    "facebook_catalog_id": "",
    "checkout_type": "optimized",
    "wishlists_enabled": True,
    "graphql_storefront_api_enabled": True,
    "shopper_consent_tracking_enabled": False,
    "multi_storefront_enabled": True,
}


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("store", __name__, url_prefix=f"/stores/{state.store_hash}")

    @routes.get("/v2/store")
    def store() -> ResponseReturnValue:
        return jsonify(information(state))

    @routes.get("/v2/time")
    def store_time() -> ResponseReturnValue:
        return jsonify(time=int(time.time()))

    @routes.get("/v3/settings/inventory")
    def inventory_settings() -> ResponseReturnValue:
        return v3_one(
            {
                "update_stock_behavior": "order_placed",
                "edit_order_stock_adjustment": True,
                "refund_order_stock_adjustment": True,
            }
        )

    return routes


def information(state: State) -> Json:
    """`GET /v2/store`: `id` is the hash, `store_id` the number, the logo an empty array when there is none."""
    owner = state.owner
    first, _, last = owner.name.partition(" ")
    shops = sum(channel["type"] == "storefront" for channel in state.channels.values())
    return {
        "id": state.store_hash,
        "store_id": STORE_ID,
        "account_uuid": "8a6c3a54-2f0e-4f59-9a55-1f0c2c6e8d10",
        "domain": "gifts.sandbox.example",
        "secure_url": "https://gifts.sandbox.example",
        "control_panel_base_url": state.options.url,
        "status": "live",
        "name": "Sandbox Gifts",
        "first_name": first,
        "last_name": last,
        "admin_email": owner.email,
        "order_email": "orders@sandbox.example",
        **INFORMATION,
        "features": {**FEATURES, "storefront_limits": {"active": shops, "total_including_inactive": shops}},
    }
