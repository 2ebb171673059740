"""A runtime and a connection for tests in which connectors call through the gate."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.config import Settings
from app.connectors.access import PLAIN, Bucket, Reading
from app.db import Database
from app.models import Connection, Store
from app.queue import Bell, connect
from app.runtime import Runtime
from app.vault import Vault


def runtime_of(settings: Settings) -> Runtime:
    """As a process of ours builds it."""
    return Runtime(settings, Database(settings.database), Vault(settings.key_ring), Bell(connect(settings.redis_url)))


def connection_of(runtime: Runtime, vendor: str) -> int:
    """A connection with this vendor."""
    with runtime.database.transaction() as session:
        connection = Connection(store=Store(store_hash="s1"), vendor=vendor)
        session.add(connection)
        session.flush()
        return connection.id


@dataclass
class Counting:
    """A gate that lets everybody through and keeps what it sees."""

    entered: list[Bucket] = field(default_factory=list)
    told_of: list[Reading] = field(default_factory=list)

    def enter(self, bucket: Bucket = PLAIN) -> None:
        self.entered.append(bucket)

    def told(self, reading: Reading) -> None:
        self.told_of.append(reading)
