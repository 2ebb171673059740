"""Countries as people type them."""

from __future__ import annotations

import pytest
from babel import Locale

from app.connectors.countries import code_of, country_field


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United States of America", "US"), ("USA", "US"), ("U.S.A.", "US"), ("U.S.", "US"), ("us", "US"),
        ("United Kingdom", "GB"), ("Great Britain", "GB"), ("UK", "GB"), ("England", "GB"), ("GBR", "GB"),
        ("Czech Republic", "CZ"), ("Czechia", "CZ"), ("Russian Federation", "RU"), ("Korea Republic of", "KR"),
        ("Korea, Republic of", "KR"), ("South Korea", "KR"), ("Korea, Democratic People's Republic of", "KP"),
        ("Deutschland", "DE"), (" germany ", "DE"), ("The Netherlands", "NL"), ("Holland", "NL"), ("Nederland", "NL"),
        ("Republic of Ireland", "IE"), ("Éire", "IE"), ("Österreich", "AT"), ("Suisse", "CH"), ("España", "ES"),
        ("Cote d'Ivoire", "CI"), ("Bosnia & Herzegovina", "BA"), ("Turkey", "TR"), ("Türkiye", "TR"),
        ("Hong Kong", "HK"), ("Viet Nam", "VN"), ("Niger", "NE"), ("Nigeria", "NG"), ("Georgia", "GE"),
        ("Nowhere", ""), ("ZZZ", ""), ("", ""), ("  ", ""),
    ],
)  # fmt: skip
def test_codes(name: str, code: str) -> None:
    assert code_of(name) == code


def test_every_english_name_is_its_own_country() -> None:
    territories = {code: name for code, name in Locale("en").territories.items() if len(code) == 2 and code.isalpha()}
    assert {code: code_of(name) for code, name in territories.items()} == {code: code for code in territories}


def test_a_name_that_nobody_knows_is_not_an_empty_one() -> None:
    assert country_field("Atlantis") == {}
    assert country_field(" ") == {"country_code": ""}
    assert country_field("Deutschland") == {"country_code": "DE"}
