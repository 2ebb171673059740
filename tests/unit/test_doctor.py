"""`storeline doctor` against stand-ins: every account is called, and what is wrong is said in words."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from sqlalchemy import update

from app import doctor
from app.config import Settings
from app.db import now
from app.models import Connection, ConnectionState, Delivery, State, Store
from app.sandbox import bigcommerce, salesforce
from tests.conftest import build_runtime
from tests.e2e.conftest import Bridge, build_bridge
from tests.sandbox.conftest import serving


@pytest.fixture
def bridge(sqlite_url: str, redis_url: str) -> Iterator[Bridge]:
    """A store and an org, connected."""
    with ExitStack() as stack:
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False))
        crm_url = stack.enter_context(serving(salesforce.create_app, limits=False))
        built = build_bridge(sqlite_url, redis_url, store_url, crm_url)
        yield built
        built.runtime.database.close()


def examined(settings: Settings) -> dict[str, doctor.Finding]:
    """Findings by what was looked at."""
    return {finding.subject: finding for finding in doctor.examine(settings)}


def fail(url: str, **fault: object) -> None:
    requests.post(f"{url}/_sandbox/fail", json={"times": 20, **fault}, timeout=10).raise_for_status()


def calls(url: str) -> list[str]:
    """Paths that Storeline called."""
    found = requests.get(f"{url}/_sandbox/calls", timeout=10).json()["calls"]
    return [call["path"] for call in found if call["client"] == "Storeline"]


def test_all_is_well(bridge: Bridge) -> None:
    with bridge.runtime.database.transaction() as session:
        session.execute(update(Store).values(hooks_checked_at=now()))
        for number, state in enumerate((State.WAITING, State.WAITING, State.RUNNING, State.DEAD, State.DONE)):
            session.add(
                Delivery(
                    store_id=bridge.store_id, connection_id=bridge.connection_id, kind="order", record_id=str(number),
                    correlation_id="c", state=state,
                )
            )  # fmt: skip
    bridge.forget_calls()
    found = examined(bridge.runtime.settings)
    assert [str(finding) for finding in found.values() if finding.is_bad] == []
    assert found["store sandbox1"].words == "webhooks in order"
    assert re.fullmatch(r"live, answered in \d+ ms", found["store sandbox1 → BigCommerce"].words)
    crm = found["store sandbox1 → salesforce"].words
    assert re.fullmatch(r"live, answered in \d+ ms; 3 waiting, 1 failed", crm)
    assert calls(bridge.store_url) == ["/stores/sandbox1/v2/store"]
    [path] = calls(bridge.crm_url)
    assert path.endswith("/limits")


def test_a_store_that_refuses_us(bridge: Bridge) -> None:
    fail(bridge.store_url, status=401, match="/v2/store")
    finding = examined(bridge.runtime.settings)["store sandbox1 → BigCommerce"]
    assert finding.is_bad and "no longer accepts Storeline" in finding.words and " ms)" in finding.words
    assert "Apps in the control panel" in finding.advice


def test_a_crm_that_is_away(bridge: Bridge) -> None:
    fail(bridge.crm_url, kind="reset", match="/limits")
    finding = examined(bridge.runtime.settings)["store sandbox1 → salesforce"]
    assert finding.is_bad and "connection to the vendor broke" in finding.words
    assert finding.advice


def test_an_authorisation_that_was_withdrawn(bridge: Bridge) -> None:
    requests.post(f"{bridge.crm_url}/_sandbox/reset", timeout=10).raise_for_status()  # forgets all sessions
    finding = examined(bridge.runtime.settings)["store sandbox1 → salesforce"]
    assert finding.is_bad and "Reconnect" in finding.advice
    # The next time nobody is asked: it is known.
    bridge.forget_calls()
    again = examined(bridge.runtime.settings)["store sandbox1 → salesforce"]
    assert again.is_bad and "0 waiting" in again.words
    assert calls(bridge.crm_url) == []


def test_paused_and_disconnected_accounts_are_left_alone(bridge: Bridge) -> None:
    bridge.forget_calls()
    for state, shown in ((ConnectionState.PAUSED, True), (ConnectionState.DISCONNECTED, False)):
        with bridge.runtime.database.transaction() as session:
            session.execute(update(Connection).where(Connection.id == bridge.connection_id).values(state=state))
        assert ("store sandbox1 → salesforce" in examined(bridge.runtime.settings)) is shown
    assert calls(bridge.crm_url) == []


def test_a_lost_key(bridge: Bridge) -> None:
    settings = bridge.runtime.settings
    ring = "other:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="
    other = Settings(database_url=settings.database, redis_url=settings.redis_url, encryption_keys=ring)
    finding = examined(other)["store sandbox1 → salesforce"]
    assert finding.is_bad and "STORELINE_ENCRYPTION_KEYS" in finding.advice


def test_what_is_missing_in_the_account(bridge: Bridge) -> None:
    with bridge.runtime.database.transaction() as session:
        session.execute(
            update(Connection).where(Connection.id == bridge.connection_id).values(missing=["Field Order.BC_Total__c"])
        )
    finding = examined(bridge.runtime.settings)["store sandbox1 → salesforce"]
    assert finding.is_bad and "Field Order.BC_Total__c" in finding.words and "answered in" in finding.words


def test_redis_is_away_and_the_rest_is_examined_all_the_same(bridge: Bridge) -> None:
    settings = Settings(
        database_url=bridge.runtime.settings.database, redis_url="redis://127.0.0.1:1",
        bigcommerce_api_url=bridge.store_url, salesforce_login_url=bridge.crm_url,
    )  # fmt: skip
    found = examined(settings)
    assert found["Redis"].is_bad and "STORELINE_REDIS_URL" in found["Redis"].advice
    assert not found["store sandbox1 → salesforce"].is_bad and not found["store sandbox1 → BigCommerce"].is_bad


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "connection"),
        ("sqlite:////proc/none/storeline.db", "none"),
        ("nonsense", "parse"),
        ("mysql+none://x", "none"),
    ],
)
def test_no_database_is_told_in_one_line(url: str, words: str, redis_url: str) -> None:
    # A process of its own: the command configures the logs of the whole process.
    environment = {"PATH": os.environ["PATH"], "STORELINE_DATABASE_URL": url, "STORELINE_REDIS_URL": redis_url}
    command = [sys.executable, "-m", "app.cli", "doctor"]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 1
    assert "✗ database: " in ran.stdout and "STORELINE_DATABASE_URL" in ran.stdout
    assert words in ran.stdout and "Traceback" not in ran.stdout + ran.stderr


def test_a_database_that_was_never_made(tmp_path: Path, redis_url: str) -> None:
    found = examined(Settings(database_url=f"sqlite:///{tmp_path / 'new.db'}", redis_url=redis_url))
    assert found["database"].is_bad and found["database"].advice == "run: storeline release"


def test_nothing_is_installed_yet(sqlite_url: str, redis_url: str) -> None:
    runtime = build_runtime(sqlite_url, redis_url)
    found = examined(runtime.settings)
    assert found["stores"].words == "none installed yet"
    assert not any(finding.is_bad for finding in found.values())
    runtime.database.close()
