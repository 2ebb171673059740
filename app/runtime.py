"""What a process of ours runs on: settings, database, vault, bell. Made once, handed down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.config import Settings
from app.db import Database
from app.embedded import ensure_redis
from app.queue import Bell, connect
from app.vault import Vault

EXTENSION = "storeline"


@dataclass(frozen=True)
class Runtime:
    """The ground floor, put together."""

    settings: Settings
    database: Database
    vault: Vault
    bell: Bell

    @classmethod
    def build(cls, settings: Settings) -> Runtime:
        """Connect to what the settings name; starts the embedded Redis if no other is named."""
        redis = connect(settings.redis_url or ensure_redis(settings.state_dir))
        return cls(settings, Database(settings.database), Vault(settings.key_ring), Bell(redis))


def runtime() -> Runtime:
    """The runtime of the Flask app that serves the current request."""
    return cast(Runtime, current_app.extensions[EXTENSION])
