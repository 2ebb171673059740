"""Goods that a CRM was asked to make and did not: orders that hold them need not wait for each other again."""

from __future__ import annotations

from collections.abc import Collection

from redis.exceptions import RedisError

from app.connectors.base import Key
from app.runtime import Runtime

KEPT_FOR = 3600  # seconds; forgetting it costs some waiting


def recall(runtime: Runtime, connection_id: int, goods: Collection[Key]) -> set[Key]:
    """Those that an order was brought without."""
    asked = sorted(goods)
    if not asked:
        return set()
    try:
        found = runtime.bell.redis.mget([_name(connection_id, key) for key in asked])
    except RedisError:
        return set()
    return {key for key, value in zip(asked, found, strict=True) if value is not None}


def note(runtime: Runtime, connection_id: int, goods: Collection[Key]) -> None:
    """An order was brought that holds these, and they are not there."""
    try:
        with runtime.bell.redis.pipeline(transaction=False) as pipeline:
            for key in goods:
                pipeline.set(_name(connection_id, key), "1", ex=KEPT_FOR)
            pipeline.execute()
    except RedisError:  # then they wait for each other
        return


def _name(connection_id: int, key: Key) -> str:
    return f"unmade:{connection_id}:{key[0]}:{key[1]}"
