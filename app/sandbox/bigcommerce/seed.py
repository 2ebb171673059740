"""What the store holds at the start."""

from __future__ import annotations

from . import categories, channels_v3, currencies
from .b2b import companies
from .catalog import create_product
from .customer_groups import add as add_group
from .customers import create_many
from .records import Json
from .state import State, User

PEOPLE = (
    ("Olivia Owner", "owner@sandbox.example", "owner"),
    ("Adam Admin", "admin@sandbox.example", "admin"),
    ("Stella Staff", "staff@sandbox.example", "staff"),
)
# code, symbol, what a pound buys of it, decimals
CURRENCIES = (
    ("GBP", "£", "1.0000000000", 2),
    ("USD", "$", "1.2700000000", 2),
    ("EUR", "€", "1.1700000000", 2),
    ("JPY", "¥", "195.0000000000", 0),
    ("KWD", "KD", "0.3900000000", 3),
)
STOREFRONT: Json = {"name": "Sandbox Gifts", "type": "storefront", "platform": "bigcommerce"}
TRADE_STOREFRONT: Json = {**STOREFRONT, "name": "Sandbox Trade"}
CATEGORIES = ("Kitchen", "Garden", "Toys", "Stationery")
# name, sku, price, weight, category
PRODUCTS = (
    ("Enamel Tea Caddy", "KIT-001", 8.95, 0.4, 1),
    ("Striped Oven Glove", "KIT-002", 6.5, 0.2, 1),
    ("Set of Six Egg Cups", "KIT-003", 12.75, 0.7, 1),
    ("Cast Iron Trivet", "KIT-004", 9.25, 1.1, 1),
    ("Wooden Plant Labels", "GAR-001", 3.95, 0.1, 2),
    ("Copper Watering Can", "GAR-002", 24.5, 1.4, 2),
    ("Hanging Bird Feeder", "GAR-003", 14.95, 0.6, 2),
    ("Tin Spinning Top", "TOY-001", 5.45, 0.3, 3),
    ("Felt Animal Mobile", "TOY-002", 18.95, 0.3, 3),
    ("Brass Letter Opener", "STA-001", 7.95, 0.1, 4),
    ("Wax Seal Kit", "STA-002", 16.5, 0.3, 4),
)
# first name, last name, company, e-mail name, phone
CUSTOMERS = (
    ("Amelia", "Marsh", "Marsh Interiors", "amelia.marsh", "+44 20 7946 0101"),
    ("Bashir", "Khan", "", "bashir.khan", "+44 20 7946 0102"),
    ("Chloé", "Lefèvre", "Maison Lefèvre", "chloe.lefevre", "+33 1 99 00 01 03"),
    ("Dieter", "Voß", "Voß Geschenke GmbH", "dieter.voss", "+49 30 901820104"),
    ("Erin", "O'Neill", "", "erin.oneill", "+353 1 555 0105"),
    ("Farah", "Haddad", "Haddad Gifts", "farah.haddad", "+44 20 7946 0106"),
)
# street, city, county, postcode, country; in the order of the customers
PLACES = (
    ("4 Mill Lane", "Leeds", "West Yorkshire", "LS1 4DY", "GB"),
    ("81 High Street", "Leicester", "Leicestershire", "LE1 5YA", "GB"),
    ("12 rue des Lilas", "Lyon", "Rhône", "69003", "FR"),
    ("Lindenweg 7", "Berlin", "Berlin", "10115", "DE"),
    ("22 Quay Street", "Galway", "Galway", "H91 TX2P", "IE"),
    ("9 Park Row", "Bristol", "Bristol", "BS1 5LJ", "GB"),
)

# the customer who is its admin, status
COMPANIES = ((1, companies.APPROVED), (4, companies.APPROVED), (6, companies.PENDING))


def seed(state: State) -> None:
    """Fill an empty state; without products and customers when asked for an empty one."""
    for name, email, role in PEOPLE:
        number = state.next_id("users")
        state.users[number] = User(number, email, name, role)
    for currency in CURRENCIES:
        currencies.add(state, *currency)
    channels_v3.add(state, STOREFRONT)
    categories.add_tree(state, "Default catalog tree", [1])
    add_group(state, {"name": "Trade", "is_default": False})
    if state.options.seed == "demo":
        categories.add_tree(state, "Trade catalog tree", [channels_v3.add(state, TRADE_STOREFRONT)["id"]])
        _goods(state)
        create_many(state, [_customer(*person, *place) for person, place in zip(CUSTOMERS, PLACES, strict=True)])
        for number, status in COMPANIES:
            companies.create(state, _company(state.customers[number]), status)


def _goods(state: State) -> None:
    for name in CATEGORIES:
        categories.add(state, {"name": name, "tree_id": 1})
    for name, sku, price, weight, category in PRODUCTS:
        stock = {"inventory_tracking": "product", "inventory_level": 100}
        product = {"name": name, "sku": sku, "price": price, "weight": weight, "type": "physical", **stock}
        create_product(state, {**product, "categories": [category]})
    create_product(
        state,
        {
            "name": "Linen Apron",
            "sku": "KIT-010",
            "type": "physical",
            "price": 22,
            "weight": 0.5,
            "categories": [1],
            "inventory_tracking": "variant",
            "variants": [_colour(place, label) for place, label in enumerate(("Blue", "Natural", "Red"), 1)],
        },
    )


def _colour(place: int, label: str) -> Json:
    # One option, "Colour", with a value for each.
    value = {"id": 100 + place, "label": label, "option_id": 50, "option_display_name": "Colour"}
    return {"sku": f"KIT-010-{label[:1]}", "inventory_level": 20, "option_values": [value]}


def _customer(first: str, last: str, company: str, email: str, phone: str, *place: str) -> Json:
    street, city, county, postcode, country = place
    person = {"first_name": first, "last_name": last, "company": company, "phone": phone}
    address = {
        **person,
        "address1": street,
        "city": city,
        "state_or_province": county,
        "postal_code": postcode,
        "country_code": country,
    }
    return {**person, "email": f"{email}@shopper.example", "addresses": [address]}


def _company(admin: Json) -> Json:
    return {
        "companyName": admin["company"],
        "companyEmail": f"office.{admin['email']}",
        "companyPhone": admin["phone"],
        "country": "United Kingdom",
        "adminFirstName": admin["first_name"],
        "adminLastName": admin["last_name"],
        "adminEmail": admin["email"],
    }
