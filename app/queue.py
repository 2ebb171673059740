"""The bell: RQ jobs by name, over Redis. Losing all of it loses nothing, the sweep rings again."""

from __future__ import annotations

import secrets
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.serializers import JSONSerializer

from app.log import get_logger

QUEUE = "storeline"  # one queue: a worker that takes several cannot recover a job lost between pop and start
JOBS = {
    "flush": "worker.jobs.flush",
    "prepare": "worker.jobs.prepare",
    "renew": "worker.jobs.renew",
    "hooks": "worker.jobs.hooks",
    "forget": "worker.jobs.forget",
    "poll": "worker.jobs.poll",
    "refill": "worker.jobs.refill",
    "compare": "worker.jobs.compare",
    "erase": "worker.jobs.erase",
    "delete_store": "worker.jobs.delete_store",
    "backfill": "worker.jobs.backfill",
}
RUNG_FOR = 60  # seconds that a bell counts as rung; a lost job is rung again by then
SOCKET_TIMEOUT = 0.5  # seconds; a webhook must not wait for Redis
JOB_TIMEOUT = 900  # seconds
LOOKED_AT = 20  # jobs at the head of the queue
FAILURE_TTL = 7 * 24 * 3600  # seconds

log = get_logger()


def connect(url: str, *, blocking: bool = False) -> Redis:
    """A Redis client; `blocking` for workers, which wait long on purpose."""
    timeout = None if blocking else SOCKET_TIMEOUT
    return Redis.from_url(url, socket_connect_timeout=SOCKET_TIMEOUT, socket_timeout=timeout)


class Bell:
    """Rings for connections whose deliveries are due, and starts other jobs."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)

    @property
    def redis(self) -> Redis:
        """For what else is kept there."""
        return self._redis

    def ring(self, connection_id: int) -> None:
        """Wake one flush of this connection, unless one is already rung. A failure is the sweep's to mend."""
        try:
            if self._redis.set(_bell(connection_id), "1", nx=True, ex=RUNG_FOR):
                self._enqueue("flush", connection_id)
        except RedisError as error:
            log.warning("bell", connection=connection_id, error=str(error))

    def silence(self, connection_id: int) -> None:
        """Take the bell down; a flush does so before it claims, so that a ring from now on is a new job."""
        try:
            self._redis.delete(_bell(connection_id))
        except RedisError as error:  # it runs out by itself
            log.warning("bell", connection=connection_id, error=str(error))

    def others_wait(self, connection_id: int) -> bool:
        """Whether jobs of others wait in the queue: whoever is busy with this connection lets them go first."""
        try:
            waiting = self._queue.get_job_ids(0, LOOKED_AT)
        except RedisError:
            return False
        return any(not job_id.startswith(_job("flush", connection_id)) for job_id in waiting)

    def start(self, job: str, *args: Any, once_in: int | None = None) -> bool:
        """Start another job, with `once_in` at most once in so many seconds; False if Redis is away."""
        try:
            name = ":".join(map(str, ("job", job, *args)))
            if once_in is None or self._redis.set(name, "1", nx=True, ex=once_in):
                self._enqueue(job, *args)
        except RedisError as error:
            log.warning("start", job=job, error=str(error))
            return False
        return True

    def waiting(self) -> int:
        """Jobs in the queue."""
        return self._queue.count

    def _enqueue(self, job: str, *args: Any) -> None:
        self._queue.enqueue_call(
            JOBS[job], args=args, timeout=JOB_TIMEOUT, result_ttl=60, failure_ttl=FAILURE_TTL,
            job_id=_job(job, *args) + secrets.token_hex(8),
        )  # fmt: skip


def _job(job: str, *args: Any) -> str:
    """How the ids of such jobs begin: whose they are is seen without reading them."""
    return "-".join(map(str, (job, *args, "")))


def _bell(connection_id: int) -> str:
    return f"bell:{connection_id}"
