"""What a new instance holds: users, teams and currencies; for the demo also people, cases and a small catalogue."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.sandbox.sugarcrm.fields import Link
from app.sandbox.sugarcrm.linking import Linker
from app.sandbox.sugarcrm.rollups import settle
from app.sandbox.sugarcrm.site import BASE_CURRENCY, GLOBAL_TEAM, Actor, Site, zone_of
from app.sandbox.sugarcrm.store import Row

USERS = (
    ("1", "admin", "Ada", "Admin", True, "UTC"),
    ("seed_sally_id", "sally", "Sally", "Bronsen", False, "America/New_York"),
    ("seed_max_id", "max", "Max", "Jensen", False, "Europe/Berlin"),
)
CURRENCIES = (
    (BASE_CURRENCY, "US Dollars", "$", "USD", "1"),
    ("currency_eur", "Euro", "€", "EUR", "0.9"),
    ("currency_gbp", "Pound Sterling", "£", "GBP", "0.8"),
)
CATALOGUE = (
    ("Stoneware mug", "MUG-01", "4.00", "9.95"),
    ("Linen tea towel", "TOWEL-02", "3.00", "7.50"),
    ("Beeswax candle", "CANDLE-03", "2.50", "6.25"),
)
ACCOUNTS: tuple[tuple[str, str, tuple[str, str, str]], ...] = (
    ("Harbour Lane Gifts", "Retail", ("Olivia", "Marsh", "olivia.marsh@harbourlane.example")),
    ("Northwind Interiors", "Consulting", ("Tom", "Weber", "tom.weber@northwind.example")),
    ("Fjord & Pine", "Hospitality", ("Ingrid", "Solberg", "ingrid@fjordpine.example")),
)


def seed(linker: Linker) -> None:
    """Fill an empty instance as its options say."""
    site = linker.saver.site
    admin = _first_user(site)
    saver = linker.saver
    for currency_id, name, symbol, iso, rate in CURRENCIES:
        values = {"id": currency_id, "name": name, "symbol": symbol, "iso4217": iso, "conversion_rate": rate}
        saver.insert(admin, "Currencies", values)
    _people(linker, admin)
    if site.options.seed == "demo":
        _demo(linker, admin)
    settle(saver, admin)
    for rows in site.dirty.values():
        rows.clear()


def _first_user(site: Site) -> Actor:
    """The administrator, who must be there before anybody can act."""
    user: Row = {
        **site.tables["Users"].blank, "id": "1", "user_name": "admin", "first_name": "Ada", "last_name": "Admin",
        "name": "Ada Admin", "is_admin": True, "default_team": GLOBAL_TEAM, "date_entered": site.now(),
        "date_modified": site.now(), "created_by": "1", "modified_user_id": "1",
        "_teams": ((GLOBAL_TEAM, False),), "_tags": (),
    }  # fmt: skip
    site.tables["Users"].insert(user)
    return Actor(user, zone_of(user), True, frozenset({GLOBAL_TEAM}))


def _people(linker: Linker, admin: Actor) -> None:
    site, saver = linker.saver.site, linker.saver
    everyone = saver.insert(admin, "Teams", {"id": GLOBAL_TEAM, "name": "Global"})
    members: Link = site.schema.link("Teams", "users")
    for user_id, user_name, first, last, is_admin, zone in USERS:
        if user_id not in site.tables["Users"].rows:
            values: dict[str, Any] = {
                "id": user_id, "user_name": user_name, "first_name": first, "last_name": last, "is_admin": is_admin,
                "default_team": GLOBAL_TEAM, "timezone": zone, "title": "Sales Representative",
            }  # fmt: skip
            saver.insert(admin, "Users", values)
        user = site.tables["Users"].rows[user_id]
        site.emails.replace(("Users", user_id), [f"{user_name}@sugar.example"])
        own = saver.insert(admin, "Teams", {"id": f"team_{user_name}", "name": first, "name_2": last, "private": True})
        for team in (everyone, own):
            linker.relate(admin, members, team, user, {})
    site.forget_actors()


def _demo(linker: Linker, admin: Actor) -> None:
    category = linker.create(admin, "ProductCategories", {"name": "Homeware", "list_order": 1})
    for name, sku, cost, price in CATALOGUE:
        linker.create(
            admin, "ProductTemplates",
            {"name": name, "mft_part_num": sku, "cost_price": Decimal(cost), "list_price": price,
             "discount_price": price, "category_id": category["id"], "qty_in_stock": 100},
        )  # fmt: skip
    linker.create(admin, "TaxRates", {"name": "VAT 20 %", "value": "20", "list_order": 1})
    made: list[tuple[Row, Row]] = []
    for name, industry, (first, last, email) in ACCOUNTS:
        values = {"name": name, "industry": industry, "account_type": "Customer", "assigned_user_id": "seed_sally_id"}
        account = linker.create(
            admin, "Accounts", {**values, "email": [{"email_address": f"info@{email.split('@')[1]}"}]}
        )
        contact = linker.create(
            admin, "Contacts",
            {"first_name": first, "last_name": last, "account_id": account["id"], "assigned_user_id": "seed_sally_id",
             "email": [{"email_address": email, "primary_address": True}]},
        )  # fmt: skip
        made.append((account, contact))
    for (account, contact), subject in zip(made, ("Parcel arrived damaged", "Where is my order?"), strict=False):
        values = {"name": subject, "account_id": account["id"], "primary_contact_id": contact["id"], "priority": "P1"}
        linker.create(admin, "Cases", {**values, "contacts": {"add": [contact["id"]]}})
    for first, last in (("Lena", "Fischer"), ("Raj", "Patel")):
        email = f"{first}.{last}@leads.example".lower()
        values = {"first_name": first, "last_name": last, "lead_source": "Web Site"}
        linker.create(admin, "Leads", {**values, "email": [{"email_address": email}]})
    linker.create(
        admin, "Opportunities",
        {"name": "Spring window display", "account_id": made[0][0]["id"], "assigned_user_id": "seed_sally_id",
         "contacts": {"add": [made[0][1]["id"]]},
         "revenuelineitems": {"create": [
             {"name": "Stoneware mug", "quantity": 24, "discount_price": "9.95", "likely_case": "238.80",
              "date_closed": "2026-12-15", "sales_stage": "Proposal/Price Quote"}]}},
    )  # fmt: skip
