"""The npm client node-bigcommerce, unchanged, against the stand-in."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import requests

from app.sandbox.bigcommerce import create_app

from ..conftest import NodeClient, Serve


def test_node_bigcommerce(serve: Serve, node_client: NodeClient) -> None:
    base = serve(create_app, limits=False)
    callback = requests.post(f"{base}/_sandbox/install", json={}, timeout=10).json()["url"]
    done = node_client("bigcommerce.js", [str(urlsplit(base).port), callback])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "context": "stores/sandbox1",
        "empty": "",
        "customer": "node@shopper.example",
        "total": "17.9000",
        "status": "Awaiting Fulfillment",
        "products": [1, 1, 1],
        "hooks": 1,
        "missing": 404,
        "invalid": 422,
    }
