"""The `storeline` command."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app import demo, doctor, log, migrations, serve
from app.config import ConfigurationError, Settings
from app.embedded import ensure_redis
from app.queue import connect
from app.runtime import Runtime
from app.sandbox.catalogue import SANDBOXES
from app.sandbox.kit import Options, run
from app.sync import connections
from worker import clock as clock_process
from worker import listener as listener_process
from worker import worker as worker_process


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Storeline: the bridge between BigCommerce stores and CRMs."""
    if context.invoked_subcommand == "sandbox":
        return  # a stand-in knows nothing of our settings
    try:
        context.obj = Settings.from_env()
    except ConfigurationError as error:
        for problem in error.problems:
            click.echo(f"configuration: {problem}", err=True)
        sys.exit(2)
    log.configure(context.obj.log_level)


@main.command()
@click.pass_obj
def web(settings: Settings) -> None:
    """Serve the app."""
    serve.web(settings)


@main.command()
@click.option("--burst", is_flag=True, help="End when the queue is empty.")
@click.pass_obj
def worker(settings: Settings, burst: bool) -> None:
    """Work on the queue."""
    url = settings.redis_url or ensure_redis(settings.state_dir)
    worker_process.run(connect(url, blocking=True), burst=burst)


@main.command()
@click.pass_obj
def clock(settings: Settings) -> None:
    """Do the periodic work; one of several clocks leads."""
    clock_process.run(Runtime.build(settings))


@main.command()
@click.pass_obj
def listener(settings: Settings) -> None:
    """Listen to the CRMs that tell of changes by themselves."""
    listener_process.run(Runtime.build(settings))


@main.command()
@click.pass_obj
def release(settings: Settings) -> None:
    """Bring the database to the newest version."""
    migrations.upgrade(settings.database)


@main.command("doctor")
@click.pass_obj
def doctor_command(settings: Settings) -> None:
    """Check configuration, database, Redis, migrations and every connection."""
    is_bad = False
    for finding in doctor.examine(settings):  # one by one: a vendor may take long to answer
        click.echo(finding)
        is_bad |= finding.is_bad
    sys.exit(is_bad)


@main.command("rotate-keys")
@click.pass_obj
def rotate_keys(settings: Settings) -> None:
    """Encrypt every stored token anew with the newest key of STORELINE_ENCRYPTION_KEYS."""
    click.echo(f"{connections.rotate(Runtime.build(settings))} tokens encrypted anew")


@main.command()
@click.argument("name", type=click.Choice(sorted(SANDBOXES)))
@click.option("--port", type=int, help="Default: the stand-in's own port.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--latency", type=click.IntRange(0), default=0, metavar="MS", help="Added to every API call.")
@click.option("--limits", type=click.Choice(["real", "off"]), default="real", show_default=True)
@click.option("--seed", type=click.Choice(["demo", "empty"]), default="demo", show_default=True)
@click.option("--app-url", default="http://localhost:8000", show_default=True, help="Where the app listens.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="How fast the stand-in's clock runs.")
def sandbox(
    name: str, port: int | None, host: str, latency: int, limits: str, seed: str, app_url: str, speed: float
) -> None:
    """Run one stand-in vendor."""
    chosen = SANDBOXES[name]
    options = Options(
        port=port or chosen.port, host=host, latency_ms=latency, limits=limits == "real",
        seed="demo" if seed == "demo" else "empty", app_url=app_url, speed=speed,
    )  # fmt: skip
    click.echo(f"{name} at {options.url}")
    run(chosen.create_app(options), options)


@main.command("demo")
@click.option("--once", is_flag=True, help="End when all is synced; exit 0 only if everything arrived and agrees.")
@click.option(
    "--orders", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Order lines as CSV (.gz, .xz)."
)
@click.option("--limit", type=click.IntRange(1), help="Use only the first N invoices.")
@click.option("--crm", "crms", multiple=True, help="Connect only this CRM; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--port-offset", type=int, default=0, help="Added to every port, to run beside another demo.")
def demo_command(
    once: bool, orders: Path | None, limit: int | None, crms: tuple[str, ...], as_json: bool, port_offset: int
) -> None:
    """Run everything against the stand-ins: install, connect, load orders, sync, report."""
    sys.exit(demo.run(demo.Choices(once, orders, limit, crms, as_json, port_offset)))


if __name__ == "__main__":
    main()
