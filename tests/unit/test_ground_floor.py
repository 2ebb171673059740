"""Settings, vault, database, leases and bell."""

from __future__ import annotations

import threading
from datetime import datetime

import pytest
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import Connection as DbConnection
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError, StatementError

from app.config import ConfigurationError, Settings
from app.db import Database, insert_new, now
from app.models import Lease, Store
from app.queue import QUEUE, Bell, connect
from app.runtime import Runtime
from app.sync import leases
from app.vault import Vault, VaultError

KEY = "a:" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="


def test_settings_come_from_the_environment_and_unknown_ones_are_named() -> None:
    assert Settings.from_env({"STORELINE_BIND": "0.0.0.0:80", "PATH": "/bin"}).bind == "0.0.0.0:80"
    with pytest.raises(ConfigurationError, match="STORELINE_BINDD is not a setting"):
        Settings.from_env({"STORELINE_BINDD": "x"})


def test_every_wrong_setting_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(environment="test", web_threads="many", public_url="ftp://x", encryption_keys="a:AAAA")
    assert len(caught.value.problems) == 4


def test_production_refuses_stand_ins_and_development_secrets() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Settings(environment="production", bigcommerce_api_url="http://127.0.0.1:9101")
    named = "\n".join(caught.value.problems)
    for name in ("ENCRYPTION_KEYS", "SESSION_SECRET", "BIGCOMMERCE_CLIENT_SECRET", "BIGCOMMERCE_API_URL", "PUBLIC_URL"):
        assert f"STORELINE_{name}" in named
    good = {
        "environment": "production", "public_url": "https://a.example", "encryption_keys": KEY,
        "session_secret": "s" * 32,
        "bigcommerce_client_id": "i", "bigcommerce_client_secret": "s", "salesforce_client_id": "i",
        "salesforce_client_secret": "s",
    }  # fmt: skip
    assert Settings(**good).production


def test_a_sealed_secret_opens_only_in_its_row_and_with_its_key() -> None:
    vault = Vault({"new": b"n" * 32, "old": b"o" * 32})
    sealed = vault.seal("sécret", "token:1:access")
    assert b"cret" not in sealed
    assert vault.open(sealed, "token:1:access") == "sécret"
    assert vault.seal("sécret", "token:1:access") != sealed
    with pytest.raises(VaultError, match="another row"):
        vault.open(sealed, "token:2:access")
    with pytest.raises(VaultError, match="no key"):
        Vault({"x": b"x" * 32}).open(sealed, "token:1:access")
    older = Vault({"old": b"o" * 32}).seal("s", "r")
    assert vault.open(older, "r") == "s"
    assert not vault.is_current(older)
    with pytest.raises(VaultError, match="damaged"):
        vault.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "token:1:access")


def test_writes_of_many_threads_are_all_durable_and_errors_stay_their_own(runtime: Runtime) -> None:
    failures: list[Exception] = []

    def write(number: int) -> None:
        def work(connection: DbConnection) -> None:
            row = {"store_hash": f"s{number}", "installed_at": now()}
            defaults = {
                c.name: c.default.arg for c in Store.__table__.columns if c.default is not None and c.default.is_scalar
            }
            connection.execute(insert(Store).values(**{**defaults, **row}))
            if number % 10 == 0:
                raise ValueError(number)

        try:
            runtime.database.write(work)
        except ValueError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Database(runtime.settings.database).reading() as session:
        assert len(session.scalars(select(Store.store_hash)).all()) == 54
    assert len(failures) == 6


def test_insert_new_says_whether_it_did(runtime: Runtime) -> None:
    row = {"name": "a", "holder": "x", "until": now()}
    with runtime.database.transaction() as session:
        assert insert_new(session, Lease, row)
        assert not insert_new(session, Lease, row)


def test_naive_times_are_refused(runtime: Runtime) -> None:
    with pytest.raises(StatementError, match="naive"), runtime.database.transaction() as session:
        session.add(Lease(name="a", holder="x", until=datetime(2026, 1, 1)))  # noqa: DTZ001
        session.flush()


def test_a_lease_has_one_holder_until_it_is_given_back_or_runs_out(runtime: Runtime) -> None:
    database = runtime.database
    first = leases.acquire(database, "x", 60)
    assert first is not None
    assert leases.acquire(database, "x", 60) is None
    assert leases.extend(database, "x", first, 60)
    leases.release(database, "x", "somebody else")
    assert leases.acquire(database, "x", 60) is None
    leases.release(database, "x", first)
    assert leases.acquire(database, "x", -1) is not None  # ran out at once, as of a dead process
    with leases.held(database, "x") as ours:
        assert ours
        with leases.held(database, "x") as theirs:
            assert not theirs
    with leases.held(database, "x") as ours:
        assert ours


def test_a_bell_rings_once_until_it_is_silenced(redis_url: str) -> None:
    redis = connect(redis_url)
    redis.flushall()
    bell = Bell(redis)
    for _ in range(3):
        bell.ring(7)
    assert bell.waiting() == 1
    bell.silence(7)
    bell.ring(7)
    bell.ring(8)
    assert bell.waiting() == 3
    jobs = Queue(QUEUE, connection=redis, serializer=JSONSerializer).jobs
    assert [job.args for job in jobs] == [[7], [7], [8]]  # numbers, never a secret


def test_a_bell_without_redis_hurts_nobody() -> None:
    bell = Bell(connect("redis://127.0.0.1:1"))
    bell.ring(1)
    assert bell.start("hooks", 1) is False


def test_a_commit_that_cannot_even_begin_fails_everybody_who_waits_and_nobody_hangs(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot() -> None:
        raise OperationalError("BEGIN", {}, Exception("disk I/O error"))

    monkeypatch.setattr(runtime.database.engine, "begin", cannot)
    with pytest.raises(OperationalError):
        runtime.database.write(lambda connection: None)
    monkeypatch.undo()
    assert runtime.database.write(lambda connection: 7) == 7
