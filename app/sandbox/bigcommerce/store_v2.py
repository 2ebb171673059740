"""The store itself: information, time, currencies (V2) and channels (V3)."""

from __future__ import annotations

import time

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from .envelope import v2_list, v3_list, v3_one
from .errors import ApiError
from .filters import Kind, select
from .records import Json
from .state import DEFAULT_CURRENCY, STORE_ID, State, as_list

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
    "features": {
        "stencil_enabled": True,
        "sitewidehttps_enabled": True,
        "facebook_catalog_id": "",
        "checkout_type": "optimized",
        "wishlists_enabled": True,
        "graphql_storefront_api_enabled": True,
        "shopper_consent_tracking_enabled": False,
        "multi_storefront_enabled": True,
        "storefront_limits": {"active": 1, "total_including_inactive": 1},
    },
    "infrastructure_region": "europe-west1",
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

    @routes.get("/v2/currencies")
    def list_currencies() -> ResponseReturnValue:
        return v2_list(as_list(state.currencies), dict)

    @routes.get("/v2/currencies/<int:number>")
    def get_currency(number: int) -> ResponseReturnValue:
        if number not in state.currencies:
            raise ApiError(404)
        return jsonify(state.currencies[number])

    _channels(routes, state)
    return routes


def _channels(routes: Blueprint, state: State) -> None:
    @routes.get("/v3/channels")
    def list_channels() -> ResponseReturnValue:
        kinds: dict[str, Kind] = {"status": "text", "type": "text", "platform": "text", "date_modified": "date"}
        return v3_list(select(as_list(state.channels), request.args, kinds), dict)

    @routes.get("/v3/channels/<int:number>")
    def get_channel(number: int) -> ResponseReturnValue:
        if number not in state.channels:
            raise ApiError(404)
        return v3_one(state.channels[number])

    @routes.get("/v3/settings/inventory")
    def inventory_settings() -> ResponseReturnValue:
        return v3_one(
            {
                "update_stock_behavior": "order_placed",
                "edit_order_stock_adjustment": True,
                "refund_order_stock_adjustment": True,
            }
        )


def information(state: State) -> Json:
    """`GET /v2/store`: `id` is the hash, `store_id` the number, the logo an empty array when there is none."""
    owner = state.owner
    first, _, last = owner.name.partition(" ")
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
    }
