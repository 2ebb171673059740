"""`storeline worker`."""

from __future__ import annotations

import click
from rq.utils import import_attribute

from app.config import Settings
from app.embedded import ensure_redis
from app.queue import JOBS, connect
from worker import worker


@click.command()
@click.option("--burst", is_flag=True, help="End when the queue is empty.")
@click.pass_obj
def command(settings: Settings, burst: bool) -> None:
    """Work on the queue."""
    for job in JOBS.values():  # before the fork for each job, or every one of them would import everything anew
        import_attribute(job)
    url = settings.redis_url or ensure_redis(settings.state_dir)
    worker.run(connect(url, blocking=True), burst=burst)
