"""The worker process: an RQ worker that notices dead siblings in seconds, not in minutes."""

from __future__ import annotations

from redis import Redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from app.queue import QUEUE

WORKER_TTL = 30  # seconds; RQ's defaults re-run a killed worker's job after 810 s, these after 71 s
MAINTENANCE = 15  # seconds
MONITORING = 10  # seconds


def run(redis: Redis, *, burst: bool = False) -> None:
    """Work until told to stop; forks per job, so that a job's memory and a stuck call end with it."""
    queue = Queue(QUEUE, connection=redis, serializer=JSONSerializer)
    worker = Worker(
        [queue],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE,
        job_monitoring_interval=MONITORING,
    )
    worker.work(burst=burst, logging_level="WARNING", with_scheduler=False)
