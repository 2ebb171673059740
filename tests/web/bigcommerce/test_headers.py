"""Who may frame our pages, whatever a setting or a store says."""

from __future__ import annotations

import pytest
from flask import Flask, Response

from app.ui.headers import frame_ancestors, secure


@pytest.mark.parametrize(
    ("hosts", "policy"),
    [
        (("https://*.mybigcommerce.com https://*.bigcommerce.com",), "https://*.mybigcommerce.com https://*.bigcommerce.com"),
        (("https://a.example", "https://store-1.mybigcommerce.com/manage?x=1"), "https://a.example https://store-1.mybigcommerce.com"),
        (("http://127.0.0.1:9101", ""), "http://127.0.0.1:9101"),
        (("https://a.example https://a.example", "https://a.example"), "https://a.example"),
        (("'self' http://localhost:*",), "'self' http://localhost:*"),
        (("",), "'none'"),
        (("* 'unsafe-inline' data: javascript:alert(1) https:",), "'none'"),
        (("https://a.example;script-src",), "'none'"),
        (("https://[bad",), "'none'"),
        (("https://user:pass@a.example",), "'none'"),
    ],
)  # fmt: skip
def test_only_origins_get_into_the_policy(hosts: tuple[str, ...], policy: str) -> None:
    assert frame_ancestors(*hosts) == policy


def test_the_headers_of_a_framed_page() -> None:
    with Flask("tests").app_context():
        headers = secure(Response("x"), ancestors="https://a.example", nonce="abc").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self' 'nonce-abc'"
    assert policy["frame-ancestors"] == "https://a.example"
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "X-Frame-Options" not in headers
