"""People made up for the demo, deterministically: the files hold none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

FIRST = (
    "Ada Alan Amélie Björn Carmen Chloé Daniel Dorota Edith Elif Emeka Fatima Freya George Grace Hana Hugo Ines Ivan "
    "Jan Jürgen Kwame Lea Liam Łukasz Maria Mei Miguel Mila Noah Nora Olga Oscar Priya Rosa Samuel Siân Tomás Yuki Zoë"
).split()
LAST = (
    "Adeyemi Andersen Bauer Bennett Brontë Carter Costa Davies Dubois Evans Ferrari Fischer García Hansen Hughes "
    "Ivanova Jensen Kowalska Kumar Larsen Martin Meyer Moreau Müller Nakamura Novák O’Brien Okafor Olsen Patel "
    "Rossi Schmidt Silva Smith Suzuki Thompson Virtanen Weber Wilson Zieliński"
).split()
STREETS = "Market Street,Mill Lane,Station Road,High Street,Church Road,Park Avenue,Queen’s Walk,Harbour Row".split(",")
CITIES = {
    "United Kingdom": ("GB", "London", "Greater London", "EC1A 1BB"), "France": ("FR", "Lyon", "Rhône", "69001"),
    "Germany": ("DE", "Hamburg", "Hamburg", "20095"), "EIRE": ("IE", "Dublin", "Dublin", "D02 AF30"),
    "Spain": ("ES", "Valencia", "Valencia", "46001"), "Netherlands": ("NL", "Utrecht", "Utrecht", "3511 AA"),
    "Belgium": ("BE", "Gent", "East Flanders", "9000"), "Switzerland": ("CH", "Bern", "Bern", "3011"),
    "Portugal": ("PT", "Porto", "Porto", "4000-001"), "Italy": ("IT", "Torino", "Torino", "10121"),
    "Norway": ("NO", "Bergen", "Vestland", "5003"), "Sweden": ("SE", "Malmö", "Skåne", "211 20"),
    "Finland": ("FI", "Turku", "Southwest Finland", "20100"), "Denmark": ("DK", "Aarhus", "Midtjylland", "8000"),
    "Austria": ("AT", "Graz", "Styria", "8010"), "Poland": ("PL", "Gdańsk", "Pomerania", "80-001"),
    "Japan": ("JP", "Kyoto", "Kyoto", "600-8001"), "Australia": ("AU", "Perth", "Western Australia", "6000"),
    "Cyprus": ("CY", "Limassol", "Limassol", "3010"), "Iceland": ("IS", "Akureyri", "Northeast", "600"),
    "Israel": ("IL", "Haifa", "Haifa", "3100001"), "Lithuania": ("LT", "Kaunas", "Kaunas", "44240"),
    "Greece": ("GR", "Patras", "Achaea", "262 21"), "Singapore": ("SG", "Singapore", "Singapore", "018956"),
    "USA": ("US", "Boston", "Massachusetts", "02108"), "Canada": ("CA", "Halifax", "Nova Scotia", "B3H 0A1"),
    "Brazil": ("BR", "Recife", "Pernambuco", "50010-000"), "RSA": ("ZA", "Durban", "KwaZulu-Natal", "4001"),
    "Bahrain": ("BH", "Manama", "Capital", "317"), "Malta": ("MT", "Valletta", "Valletta", "VLT 1117"),
    "Lebanon": ("LB", "Beirut", "Beirut", "1100"), "Hong Kong": ("HK", "Hong Kong", "Hong Kong", "00000"),
    "Saudi Arabia": ("SA", "Jeddah", "Makkah", "21411"), "Czech Republic": ("CZ", "Brno", "South Moravia", "602 00"),
    "United Arab Emirates": ("AE", "Sharjah", "Sharjah", "00000"),
    "Channel Islands": ("JE", "St Helier", "Jersey", "JE2 3AB"),
}  # fmt: skip
ELSEWHERE = ("GB", "London", "Greater London", "EC1A 1BB")


@dataclass(frozen=True)
class MadeUp:
    """A person with an address, as the demo's store knows them."""

    first_name: str
    last_name: str
    email: str
    phone: str
    company: str
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    country_code: str


def customer(number: str, country: str) -> MadeUp:
    """The customer with this number."""
    return _person(f"customer {number}", f"customer.{number.lower()}@shop.example", country)


def guest(invoice: str, country: str) -> MadeUp:
    """Who placed this order as a guest, with an e-mail of their own."""
    return _person(f"guest {invoice}", f"guest.{invoice.lower()}@mail.example", country)


def _person(seed: str, email: str, country: str) -> MadeUp:
    dice = int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=16).digest(), "big")
    picks = []
    for size in (len(FIRST), len(LAST), len(STREETS), 180, 900_000, 5):
        dice, pick = divmod(dice, size)
        picks.append(pick)
    code, city, state, postal_code = CITIES.get(country, ELSEWHERE)
    last = LAST[picks[1]]
    return MadeUp(
        first_name=FIRST[picks[0]], last_name=last, email=email, phone=f"+44 20 7946 {picks[4] % 10_000:04}",
        company=f"{last} & Co" if picks[5] == 0 else "", street=f"{picks[3] + 1} {STREETS[picks[2]]}",
        city=city, state=state, postal_code=postal_code, country=country or "United Kingdom", country_code=code,
    )  # fmt: skip
