"""Signing in, renewing, logging out; what there is in an instance."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.config import Settings
from app.connectors.addresses import checked_url
from app.connectors.base import Preparation
from app.connectors.sugarcrm.auth import SugarAuthorizer
from app.errors import Reauthorize, Rejected
from tests.contract.sugarcrm.instance import Instance

OPEN = Settings(allow_private_hosts="1")


def authorizer() -> SugarAuthorizer:
    return SugarAuthorizer(OPEN)


def test_sign_in(bare: Instance) -> None:
    grant = authorizer().sign_in({**bare.form, "url": f"{bare.url}/rest/v11_24/"})
    assert grant.instance_url == bare.url and grant.account_id == bare.url.removeprefix("http://")
    assert grant.expires_at is not None and grant.scope == "admin"
    kept = json.loads(grant.refresh_token or "")
    assert kept["password"] == "sandbox-password" and kept["refresh_token"]
    assert "sandbox-password" not in repr(grant)


@pytest.mark.parametrize("wrong", [{"password": "no"}, {"username": "nobody"}])
def test_a_wrong_password(bare: Instance, wrong: dict[str, str]) -> None:
    with pytest.raises(Rejected) as caught:
        authorizer().sign_in({**bare.form, **wrong})
    assert (caught.value.code, caught.value.field) == ("need_login", "password")
    assert not isinstance(caught.value, Reauthorize)


def test_a_platform_that_is_not_registered(bare: Instance) -> None:
    with pytest.raises(Rejected) as caught:
        SugarAuthorizer(Settings(allow_private_hosts="1", sugarcrm_platform="other")).sign_in(bare.form)
    assert "Configure API Platforms" in caught.value.message


def test_no_sugar_at_the_address(bare: Instance) -> None:
    bare.control("fail", status=404, match="/oauth2/token", body="<html>nothing</html>")
    with pytest.raises(Rejected) as caught:
        authorizer().sign_in(bare.form)
    assert (caught.value.code, caught.value.field) == ("NO_SUGARCRM", "url")


def test_refresh_rotates_and_falls_back_to_the_password_once(bare: Instance) -> None:
    first = authorizer().sign_in(bare.form)
    second = authorizer().refresh(first.refresh_token or "", "production", bare.url)
    assert second.access_token != first.access_token and second.refresh_token != first.refresh_token
    bare.forget_calls()
    third = authorizer().refresh(first.refresh_token or "", "production", bare.url)  # used up
    assert third.access_token not in (first.access_token, second.access_token)
    assert len(bare.calls()) == 2
    kept = json.dumps({**json.loads(first.refresh_token or ""), "password": "changed"})
    bare.forget_calls()
    with pytest.raises(Reauthorize) as caught:
        authorizer().refresh(kept, "production", bare.url)
    assert caught.value.code == "need_login" and len(bare.calls()) == 2
    with pytest.raises(Reauthorize):
        authorizer().refresh("not ours", "production", bare.url)


def test_revoke_logs_out_and_is_glad_of_nothing_to_do(bare: Instance) -> None:
    bare.connect()
    authorizer().revoke(bare.refresh_token, "production", bare.url)
    authorizer().revoke(bare.refresh_token, "production", bare.url)
    bare.control("fail", status=401, match="/oauth2/token", body={"error": "need_login", "error_message": "No."})
    bare.control("fail", status=401, match="/oauth2/token", body={"error": "need_login", "error_message": "No."})
    with pytest.raises(Reauthorize):
        bare.crm.check()


def test_prepare_finds_what_there_is(bare: Instance) -> None:
    preparation = bare.connect()
    assert preparation.missing == () and any("bc_gross_c" in words for words in preparation.advice)
    assert bare.facts["currencies"] == {"USD": "-99", "EUR": "currency_eur", "GBP": "currency_gbp"}
    assert bare.facts["rli"] is True and bare.facts["is_admin"] is True
    assert json.loads(json.dumps(bare.facts)) == bare.facts
    bare.make_fields()
    bare.control("settings", opps_view_by="Opportunities")
    preparation = bare.connect()
    assert preparation.advice == () and bare.facts["rli"] is False
    assert "bc_gross_c" in bare.facts["custom"]["Opportunities"]


def test_prepare_takes_two_calls(bare: Instance) -> None:
    bare.connect()
    bare.forget_calls()
    bare.crm.prepare()
    assert bare.calls() == ["GET me", "POST bulk"]


def renamed(bare: Instance, **lists: dict[str, str]) -> Preparation:
    """What preparing says where an administrator changed dropdowns, known by a value that is in them as shipped."""
    answers: list[list[dict[str, Any]]] = []
    bare.crm.client._session.hooks["response"].append(
        lambda response, *_, **__: answers.append(response.json()) if response.url.endswith("/bulk") else None
    )
    bare.crm.prepare()
    for part in answers[0]:
        for value, items in lists.items():
            if value.replace("_", " ") in part["contents"]:
                part["contents"] = items
    bare.control("fail", status=200, match="/bulk", body=answers[0])
    return bare.crm.prepare()


def test_sales_stages_that_we_cannot_tell_are_missing(bare: Instance) -> None:
    bare.connect()
    found = renamed(bare, Closed_Won={"": "", "Offen": "Offen", "Verkauft": "Verkauft", "Lost": "Verloren"})
    [missing] = found.missing
    assert all(words in missing for words in ("'Closed Won'", "sales_stage_dom", "Offen, Verkauft, Lost"))
    assert any("Opportunities.sales_stage" in words and "'Proposal/Price Quote'" in words for words in found.advice)
    kept = renamed(bare, Closed_Won={"Offen": "", "01 Won": "", "02 Lost": ""})
    assert kept.missing == ()


def test_other_values_that_are_gone_are_named(bare: Instance) -> None:
    bare.connect()
    found = renamed(bare, Dead={"New": "New", "Converted": "Converted"}, Completed={"Completed": "Erledigt"})
    assert found.missing == ()
    assert [words for words in found.advice if "has no" in words] == [
        "The list of Leads.status has no 'Dead': add the item under Admin > Dropdown Editor. Until then another value "
        "is written, or none."
    ]


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("http://example.com", OPEN),
        ("ftp://example.com", OPEN),
        ("https://user:secret@example.com", OPEN),
        ("", OPEN),
        ("https://no-such-host.invalid", OPEN),
        ("https://127.0.0.1", Settings()),
        ("https://10.0.0.1/sugar", Settings()),
        ("https://169.254.169.254/latest", Settings()),
        ("https://[::1]", Settings()),
        ("https://[::ffff:10.0.0.1]", Settings()),
        ("http://127.0.0.1:9103", Settings()),
        ("https://localhost:99999", OPEN),
    ],
)
def test_addresses_that_are_not_called(text: str, settings: Settings) -> None:
    with pytest.raises(Rejected) as caught:
        checked_url(settings, text)
    assert caught.value.field == "url"


def test_addresses_that_are(bare: Instance) -> None:
    assert checked_url(OPEN, " http://127.0.0.1:9103/sugar/?x#y ") == "http://127.0.0.1:9103/sugar"
    assert checked_url(OPEN, "127.0.0.1") == "https://127.0.0.1"
    assert checked_url(Settings(), "https://1.1.1.1/") == "https://1.1.1.1"
