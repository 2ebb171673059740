"""`storeline backfill`: history on the terminal, counted first, with progress and time left."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any

import click
from sqlalchemy import select

from app.config import Settings
from app.connectors.registry import VENDORS
from app.db import now
from app.models import UNFINISHED, Backfill, BackfillState, Connection, ConnectionState, Store
from app.runtime import Runtime
from app.sync import backfills, days, loading, progress
from app.sync.backfills import KINDS, PARCELS_DAYS, Choice, NotNow
from app.sync.forecast import duration
from app.terminal import opened

LOOK_EVERY = 2.0  # seconds
STEPS = {"pause": backfills.pause, "resume": backfills.resume, "cancel": backfills.cancel}
DAY = click.DateTime(["%Y-%m-%d"])
DAY_SHOWN = "YYYY-MM-DD"


@click.command()
@click.argument("store_hash", required=False)
@click.argument("crm", required=False, type=click.Choice(sorted(VENDORS)))
@click.option("--kind", "kinds", multiple=True, type=click.Choice(KINDS), help="May be repeated; default: all.")
@click.option(
    "--since", type=DAY, metavar=DAY_SHOWN, help="Orders and customers made on this day of the store or later."
)
@click.option("--until", type=DAY, metavar=DAY_SHOWN, help="... and on this day or earlier.")
@click.option("--status", "statuses", multiple=True, help="Number of an order status; may be repeated.")
@click.option("--channel", "channels", multiple=True, help="Number of a storefront; may be repeated.")
@click.option("--min-total", help="Orders of this total or more.")
@click.option(
    "--parcels-days",
    type=click.IntRange(0),
    default=PARCELS_DAYS,
    show_default=True,
    help="Older orders come without their parcels, which cost a call each.",
)
@click.option("--dry-run", is_flag=True, help="Count and foresee, then end.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--watch/--no-watch", default=True, help="Show how far it is until it has ended.")
@click.option("--pause", "step", flag_value="pause", help="Pause the unfinished one.")
@click.option("--resume", "step", flag_value="resume", help="Go on with the paused one.")
@click.option("--cancel", "step", flag_value="cancel", help="Cancel the unfinished one.")
@click.pass_obj
def command(
    settings: Settings, /, store_hash: str | None, crm: str | None, step: str | None, dry_run: bool, yes: bool,
    watch: bool, **wish: Any,
) -> None:  # fmt: skip
    """Load the history of STORE_HASH into CRM; workers and clock carry it."""
    if store_hash is None or crm is None:
        raise click.UsageError("Name the store's hash and the CRM.")
    runtime = opened(settings)
    store, connection = _ends(runtime, store_hash, crm)
    try:
        if step is not None:
            _step(runtime, connection, step)
            return
        number = backfills.create(runtime, connection.id, _choice(store, wish), "terminal")
        row = _counted(runtime, number)
        if dry_run or not (yes or click.confirm("Start?", default=False)):
            backfills.cancel(runtime, number)
            click.echo("Nothing was sent.")
            return
        backfills.start(runtime, number)
    except NotNow as refusal:
        raise click.ClickException(refusal.message) from refusal
    if watch:
        sys.exit(_watch(runtime, row.id))


def _ends(runtime: Runtime, store_hash: str, crm: str) -> tuple[Store, Connection]:
    with runtime.database.reading() as session:
        store = session.scalar(select(Store).where(Store.store_hash == store_hash))
        if store is None:
            raise click.ClickException(f"There is no store {store_hash}.")
        connection = session.scalar(
            select(Connection)
            .where(Connection.store_id == store.id, Connection.vendor == crm)
            .where(Connection.state != ConnectionState.DISCONNECTED)
        )
    if connection is None:
        raise click.ClickException(f"The store {store_hash} is not connected with {VENDORS[crm].label}.")
    return store, connection


def _choice(store: Store, wish: dict[str, Any]) -> Choice:
    since: datetime | None = wish["since"]
    until: datetime | None = wish["until"]
    if since and until and until < since:
        raise click.UsageError("The last day lies before the first.")
    filters = {name: list(wish[name]) for name in ("statuses", "channels")}
    return Choice(
        wish["kinds"] or KINDS,
        days.moment(store, since.date(), clock_time()) if since else None,
        days.moment(store, (until + timedelta(days=1)).date(), clock_time()) - timedelta(seconds=1) if until else None,
        {**filters, "min_total": wish["min_total"], "parcels_days": wish["parcels_days"]},
    )


def _step(runtime: Runtime, connection: Connection, step: str) -> None:
    with runtime.database.reading() as session:
        number = session.scalar(
            select(Backfill.id)
            .where(Backfill.connection_id == connection.id, Backfill.state.in_(UNFINISHED))
            .order_by(Backfill.id.desc())
        )
    if number is None:
        raise click.ClickException("There is no unfinished load of history.")
    STEPS[step](runtime, number)
    click.echo(f"Load {number}: {_look(runtime, number)[0].state}.")


def _counted(runtime: Runtime, number: int) -> Backfill:
    """Counts here: no worker need run for a forecast."""
    row, _ = _look(runtime, number)
    while row.state == BackfillState.COUNTING:
        loading.run(runtime, number)
        row, _ = _look(runtime, number)
        if row.state == BackfillState.COUNTING:
            click.echo(f"Counting: {row.problem or 'another process is at it'}")
            time.sleep(LOOK_EVERY)
    if row.state != BackfillState.READY:
        raise click.ClickException(row.problem or f"It was {row.state} meanwhile.")
    for kind, found in row.forecast["records"].items():
        click.echo(f"{kind:10} {found:>10,}")
    click.echo(row.forecast["words"])
    return row


def _watch(runtime: Runtime, number: int) -> int:
    """A line of progress until it has ended: 0 if nothing failed."""
    try:
        while True:
            row, shown = _look(runtime, number)
            click.echo(f"\r\033[K{_line(row, shown)}", nl=not sys.stdout.isatty())
            if row.state not in UNFINISHED:
                click.echo()
                return int(row.state != BackfillState.DONE or bool(shown["failed"]))
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        click.echo("\nIt goes on without this window; --pause or --cancel stops it.")
        return 0


def _look(runtime: Runtime, number: int) -> tuple[Backfill, dict[str, object]]:
    with runtime.database.reading() as session:
        row = session.get_one(Backfill, number)
        measured = progress.measure(row, progress.tallies(session, [number])[number], now())
        return row, measured.described()


def _line(row: Backfill, shown: dict[str, object]) -> str:
    left = shown["seconds_left"]
    rest = f", {duration(left)} left" if isinstance(left, int) and row.state == BackfillState.RUNNING else ""
    failed = f", {shown['failed']:,} failed" if shown["failed"] else ""
    text = f"{row.state}: {shown['percent']} % ({shown['done']:,} of {shown['total']:,}{failed}), "
    return f"{text}{shown['per_minute']} a minute{rest}{f'; {row.problem}' if row.problem else ''}"
