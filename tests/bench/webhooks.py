"""Webhooks at a steady 200 a second against the production web server: how soon they are acknowledged."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.demo.merchant import Merchant
from app.demo.processes import Installation
from tests.bench.processes import memory, percentile

RATE = 200  # a second
SECONDS = 15
SENDERS = 32
OFFSET = 700  # ports of its own
PATH = "/webhooks/bigcommerce"


def run() -> list[dict[str, Any]]:
    """Acknowledgement latency, and the memory of each process afterwards."""
    app = Installation.local(Path(".state") / "bench-webhooks", OFFSET)
    try:
        app.start()
        Merchant.install(app).connect("salesforce")  # authorised and collecting: a delivery per notice, nothing sent
        rounds = [_round(app) for _ in range(3)]
        rounds.sort(key=lambda row: row["p99"])
        sizes = [
            {"benchmark": f"memory of {name} and its children", "MiB": round(memory(app.process(name).pid), 1)}
            for name in ("web", "worker", "clock")
        ]
        return [{"benchmark": f"webhook acknowledged, {RATE}/s, median of 3", **rounds[1]}, *sizes]
    finally:
        app.stop()


def _round(app: Installation) -> dict[str, Any]:
    address = urlsplit(app.settings.public_url)
    local = threading.local()
    started = time.monotonic() + 0.2

    def send(number: int) -> tuple[float, int]:
        due = started + number / RATE
        time.sleep(max(0.0, due - time.monotonic()))
        body, signed = _signed(number, app.settings.bigcommerce_client_secret)
        connection = getattr(local, "connection", None)
        if connection is None:
            connection = local.connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=30)
        connection.request("POST", PATH, body, {"Content-Type": "application/json", **signed})
        response = connection.getresponse()
        response.read()
        return 1000 * (time.monotonic() - due), response.status  # from when it was due: waiting in line counts

    with ThreadPoolExecutor(SENDERS) as senders:
        answers = list(senders.map(send, range(RATE * SECONDS)))
    latencies = [latency for latency, _ in answers]
    return {
        "sent": len(answers),
        "not 2xx": sum(1 for _, status in answers if not 200 <= status < 300),
        **{f"p{share}": round(percentile(latencies, share / 100), 1) for share in (50, 95, 99)},
        "unit": "ms",
    }


def _signed(number: int, secret: str) -> tuple[bytes, dict[str, str]]:
    body = json.dumps(
        {
            "scope": "store/order/updated", "store_id": "1", "data": {"type": "order", "id": number % 500 + 1},
            "hash": hashlib.sha1(str(number).encode()).hexdigest(), "created_at": int(time.time()),  # noqa: S324 - as theirs
            "producer": "stores/sandbox1",
        }
    ).encode()  # fmt: skip
    event, timestamp = f"msg_{uuid.uuid4().hex}", str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{event}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return body, {"webhook-id": event, "webhook-timestamp": timestamp, "webhook-signature": signature}
