"""Users, CSRF tokens, roles and territories, SAML bearer tokens."""

from __future__ import annotations

import base64
import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml.signer import XMLSigner

from tests.sandbox.sap_sales_cloud.conftest import ROOT, Client, basic

ACCOUNTS = "CorporateAccountCollection"
BODY = {"RoleCode": "CRM000", "Name": "Token"}
TOKEN_URL = "http://127.0.0.1:9104/sap/bc/sec/oauth2/token"
SECRET = "sandbox-secret"
GRANT = "urn:ietf:params:oauth:grant-type:saml2-bearer"


def test_who_gets_in(sap: Client) -> None:
    for header in (basic("sandbox", "wrong"), basic("nobody"), "Basic !!!", "Bearer nope", ""):
        answer = sap.call("GET", ACCOUNTS, Authorization=header)
        assert answer.status_code == 401 and "WWW-Authenticate" in answer.headers
    sap.set(services=[])
    assert "arrangement" in sap.refused(sap.call("GET", ACCOUNTS), 403)
    assert sap.call("GET", ACCOUNTS, Authorization=basic("mike")).status_code == 200


def test_people_need_a_token_and_its_cookies() -> None:
    sap = Client("mike")
    lacking = sap.call("POST", ACCOUNTS, BODY)
    assert lacking.status_code == 403 and lacking.headers["x-csrf-token"] == "Required"
    fetched = sap.call("GET", ROOT, x_csrf_token="fetch")
    token = fetched.headers["x-csrf-token"]
    assert any("SAP_SESSIONID" in one for one in fetched.headers.getlist("Set-Cookie"))
    made = sap.call("POST", ACCOUNTS, BODY, x_csrf_token=token)
    assert made.status_code == 201
    assert made.get_json()["d"]["results"]["CreatedBy"] == "Mike Summers"
    assert sap.call("POST", ACCOUNTS, BODY, x_csrf_token=token + "x").status_code == 403
    again = sap.call("GET", ACCOUNTS, x_csrf_token="Fetch")
    assert again.headers["x-csrf-token"] == token, "the session goes on"
    other = sap.call("POST", ACCOUNTS, BODY, x_csrf_token=token, Authorization=basic("north"))
    assert other.status_code == 403, "another person's token"
    sap.control("session/expire")
    assert sap.call("POST", ACCOUNTS, BODY, x_csrf_token=token).status_code == 403
    sap.http.delete_cookie("SAP_SESSIONID_C4C_100")
    fresh = sap.call("GET", ROOT, x_csrf_token="fetch").headers["x-csrf-token"]
    sap.http.delete_cookie("SAP_SESSIONID_C4C_100")
    assert sap.call("POST", ACCOUNTS, BODY, x_csrf_token=fresh).status_code == 403, "without its cookie"


def test_head_answers_everywhere_without_effect() -> None:
    sap = Client("mike")
    for path in (ROOT, ACCOUNTS, ACCOUNTS + "/", "$batch", "$batch/", f"{ACCOUNTS}('nope')"):
        answer = sap.call("HEAD", path, x_csrf_token="fetch", If_Match='W/"x"')
        assert answer.headers["x-csrf-token"] and answer.data == b"", path
        assert answer.status_code in (200, 404), path
    assert sap.stored("CorporateAccount") == []


def test_headers_of_every_answer(sap: Client) -> None:
    answer = sap.call("GET", ACCOUNTS)
    assert (answer.headers["dataserviceversion"], answer.headers["cache-control"]) == ("2.0", "no-cache, no-store")
    assert answer.headers["c4c-odata-response-time"].endswith(" ms")


def test_roles(sap: Client) -> None:
    opportunity = sap.opportunity()
    for path in (
        "OpportunityCollection",
        "OpportunityItemCollection",
        f"OpportunityCollection('{opportunity['ObjectID']}')",
    ):
        assert sap.call("GET", path, Authorization=basic("sales_only")).status_code == 403
    assert sap.call("GET", ACCOUNTS, Authorization=basic("sales_only")).status_code == 200
    sap.set(denied={"sandbox": ["CustomerOrder"]})
    assert "CustomerOrder" in sap.refused(sap.call("POST", "CustomerOrderItemCollection", {}), 403)


def test_own_territory_only(sap: Client) -> None:
    mine, theirs = sap.account(Name="Mine", OwnerID="E1002"), sap.account(Name="Theirs", OwnerID="E1000")
    north = sap.opportunity(ProspectPartyID=mine["AccountID"], SalesTerritoryID="NORTH")
    south = sap.opportunity(ProspectPartyID=mine["AccountID"], SalesTerritoryID="SOUTH",
                            OpportunityItem=[{"Description": "x"}])  # fmt: skip
    sap.user = "north"
    assert [row["Name"] for row in sap.ask(ACCOUNTS)] == ["Mine"]
    assert [row["ID"] for row in sap.ask("OpportunityCollection")] == [north["ID"]]
    assert sap.call("GET", "OpportunityCollection/$count").text == "1"
    assert sap.ask("OpportunityItemCollection") == []
    assert sap.call("GET", f"OpportunityCollection('{south['ObjectID']}')").status_code == 403
    sap.set(hidden_status=404)
    assert sap.call("GET", f"{ACCOUNTS}('{theirs['ObjectID']}')").status_code == 404


@dataclass
class Provider:
    """A test identity provider with its key and certificate."""

    key: rsa.RSAPrivateKey
    certificate: str

    @classmethod
    def make(cls) -> Provider:
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "storeline")])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(key, hashes.SHA256())
        )
        return cls(key, made.public_bytes(serialization.Encoding.PEM).decode())

    def assertion(self, **changes: str) -> str:
        """A signed assertion, base64."""
        end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=5)
        given = {"issuer": "storeline", "name": "mike", "recipient": TOKEN_URL, "audience": "http://127.0.0.1:9104",
                 "end": end.strftime("%Y-%m-%dT%H:%M:%SZ"), **changes}  # fmt: skip
        text = f"""<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0"
            IssueInstant="2026-01-01T00:00:00Z"><saml:Issuer>{given["issuer"]}</saml:Issuer>
            <saml:Subject><saml:NameID>{given["name"]}</saml:NameID><saml:SubjectConfirmation
            Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
            NotOnOrAfter="{given["end"]}" Recipient="{given["recipient"]}"/></saml:SubjectConfirmation></saml:Subject>
            <saml:Conditions NotOnOrAfter="{given["end"]}"><saml:AudienceRestriction><saml:Audience>{given["audience"]}
            </saml:Audience></saml:AudienceRestriction></saml:Conditions></saml:Assertion>""".replace(
            "\n            </saml:A", "</saml:A"
        )
        pem = self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signed: Any = XMLSigner(c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#").sign(
            etree.fromstring(text), key=pem, cert=self.certificate, reference_uri="_1", id_attribute="ID"
        )
        return base64.b64encode(etree.tostring(signed)).decode()


@pytest.fixture(scope="module")
def provider() -> Provider:
    return Provider.make()


def grant(sap: Client, assertion: str, secret: str = SECRET, **form: str) -> Any:
    data = {"grant_type": GRANT, "assertion": assertion, "client_id": "sandbox-client", "scope": "UIWC:CC_HOME", **form}
    return sap.http.post(
        "/sap/bc/sec/oauth2/token", data=data, headers={"Authorization": basic("sandbox-client", secret)}
    )  # fmt: skip


def test_a_signed_assertion_acts_as_its_person(sap: Client, provider: Provider) -> None:
    sap.set(saml_certificate=provider.certificate)
    answer = grant(sap, provider.assertion(name="Mike.Summers@sandbox.example"))
    assert answer.status_code == 200, answer.text
    granted = answer.get_json()
    assert (granted["token_type"], granted["scope"]) == ("Bearer", "UIWC:CC_HOME")
    bearer = f"Bearer {granted['access_token']}"
    made = sap.call("POST", ACCOUNTS, BODY, Authorization=bearer)
    assert made.get_json()["d"]["results"]["CreatedBy"] == "Mike Summers"
    fresh = grant(sap, "", grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert fresh.status_code == 200
    assert grant(sap, "", grant_type="refresh_token", refresh_token=granted["refresh_token"]).status_code == 400
    sap.control("session/expire")
    assert sap.call("GET", ACCOUNTS, Authorization=bearer).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "somebody"},
        {"name": "nobody"},
        {"name": "sandbox"},
        {"recipient": "http://elsewhere.example/token"},
        {"audience": "http://elsewhere.example"},
        {"end": "2020-01-01T00:00:00Z"},
    ],
)
def test_assertions_that_do_not_fit(sap: Client, provider: Provider, changes: dict[str, str]) -> None:
    sap.set(saml_certificate=provider.certificate)
    answer = grant(sap, provider.assertion(**changes))
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_grant")


def test_assertions_that_somebody_else_made(sap: Client, provider: Provider) -> None:
    assert grant(sap, provider.assertion()).status_code == 400, "no provider is registered"
    sap.set(saml_certificate=provider.certificate)
    assert grant(sap, Provider.make().assertion()).status_code == 400
    forged = base64.b64encode(base64.b64decode(provider.assertion()).replace(b">mike<", b">north<")).decode()
    assert grant(sap, forged).status_code == 400
    assert grant(sap, "!!!").status_code == 400
    assert grant(sap, base64.b64encode(b"<x/>").decode()).status_code == 400
    assert grant(sap, provider.assertion(), secret="wrong").status_code == 401
    assert grant(sap, provider.assertion(), grant_type="client_credentials").status_code == 400


def test_a_wrapped_assertion_counts_only_where_it_is_signed(sap: Client, provider: Provider) -> None:
    sap.set(saml_certificate=provider.certificate)
    signed = base64.b64decode(provider.assertion())
    evil = signed.replace(b">mike<", b">north<").replace(b'ID="_1"', b'ID="_2"')
    evil = evil[: evil.index(b"<ds:Signature")] + evil[evil.index(b"</ds:Signature>") + 15 :]
    head = b'<r xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'
    wrapped = base64.b64encode(head + evil + signed + b"</r>").decode()
    answer = grant(sap, wrapped)
    if answer.status_code == 200:
        bearer = f"Bearer {answer.get_json()['access_token']}"
        made = sap.call("POST", ACCOUNTS, BODY, Authorization=bearer)
        assert made.get_json()["d"]["results"]["CreatedBy"] == "Mike Summers"
    else:
        assert answer.status_code == 400
