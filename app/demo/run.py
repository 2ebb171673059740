"""The demo from start to report."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import click
import requests
from sqlalchemy import func, select

from app import log
from app.connectors import lists, registry
from app.demo import generated, invoices, panels
from app.demo.merchant import CREDENTIALS, FlowBroke, Merchant
from app.demo.plan import Plan, plan
from app.demo.processes import ENVIRONMENT, DidNotStart, Installation
from app.demo.report import ConnectionReport, Report
from app.demo.shop import Shop, ShopError
from app.models import Connection, Delivery, State
from app.runtime import Runtime
from app.sync import connections

CLIENT = "Storeline"  # how our own calls name themselves in the stand-ins' logs
POLL = 0.5  # seconds
STALLED = 300.0  # seconds without any progress after which the demo gives up waiting


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line."""

    once: bool = False
    orders: Path | None = None
    limit: int | None = None
    crms: tuple[str, ...] = ()
    as_json: bool = False
    port_offset: int = 0


def run(choices: Choices) -> int:
    """Run the demo; the exit code: 0 only if every order arrived and every total agrees."""
    unknown = [name for name in choices.crms if name not in registry.VENDORS]
    if unknown:
        click.echo(f"no such CRM: {', '.join(unknown)}; there are: {', '.join(registry.VENDORS)}", err=True)
        return 2
    try:
        planned = plan(_invoices(choices))
    except invoices.BadOrders as error:
        click.echo(f"{choices.orders}: {error}", err=True)
        return 2
    app = Installation.local(Path(".state") / f"demo-{choices.port_offset}", choices.port_offset)
    log.configure("warning")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        app.start()
        hints: dict[str, str] = {}
        report = _carry(app, planned, choices, hints)
        click.echo(json.dumps(report.to_json()) if choices.as_json else f"\n{report}")
        if not choices.once:
            _stay(app, hints)
    except (DidNotStart, FlowBroke, ShopError) as error:
        click.echo(f"the demo broke: {error}", err=True)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        app.stop()
    return 0 if report.agrees else 1


def _invoices(choices: Choices) -> list[invoices.Invoice]:
    if choices.orders is None:
        return generated.invoices()[: choices.limit]
    return invoices.read(choices.orders, choices.limit)


def _carry(app: Installation, planned: Plan, choices: Choices, hints: dict[str, str]) -> Report:
    shop = Shop(app.url("bigcommerce"), _progress)
    shop.open()
    _say("installing in the stand-in store")
    merchant = Merchant.install(app)
    found: dict[str, int] = {}
    for name in choices.crms or registry.VENDORS:
        _say(f"connecting {registry.VENDORS[name].label}")
        connected = merchant.connect(name)
        found[name] = connected["id"]
        words = panels.put_up(merchant, name, connected)
        if words:
            hints[name] = words
        merchant.go_live(found[name])
    before = {name: (_calls(app, "bigcommerce", name), _calls(app, name)) for name in found}
    started = time.monotonic()
    shop.place(planned)
    runtime = Runtime.build(app.settings)
    finished = _wait(app, runtime, found)
    expected, totals = shop.expected()
    reports = []
    for name, connection_id in found.items():
        source, target = _calls(app, "bigcommerce", name), _calls(app, name)
        arrived = lists.totals(connections.open_target(runtime, connection_id).sales())
        reports.append(
            ConnectionReport(
                vendor=name,
                orders=arrived["orders"],
                expected=expected,
                source_total=totals,
                target_total={code: Decimal(total) for code, total in arrived["totals"].items()},
                dead=_number(runtime, connection_id, State.DEAD),
                source_calls=source - before[name][0],
                target_calls=target - before[name][1],
                seconds=finished[connection_id] - started,
            )
        )
    return Report(
        orders=len(planned.orders),
        customers=len(planned.customers),
        refunds=shop.refunds,
        unmatched_refunds=len(planned.unmatched) + shop.refused_refunds,
        skipped_lines=planned.skipped,
        connections=tuple(reports),
    )


def _wait(app: Installation, runtime: Runtime, found: Mapping[str, int]) -> dict[int, float]:
    """When each connection had nothing left to do; gives up when nothing moves any more."""
    finished: dict[int, float] = {}
    last, moved_at = -1, time.monotonic()
    while len(finished) < len(found):
        queued = requests.get(f"{app.url('bigcommerce')}/_sandbox/webhooks", timeout=30).json()["queued"]
        open_now = {number: _number(runtime, number, State.WAITING, State.RUNNING) for number in found.values()}
        for number, left in open_now.items():
            if queued or left:
                finished.pop(number, None)
            else:
                finished.setdefault(number, time.monotonic())
        left = queued + sum(open_now.values())
        if left != last:
            _progress("left to deliver", left, left)
            last, moved_at = left, time.monotonic()
        elif left and time.monotonic() - moved_at > STALLED:
            raise FlowBroke(f"{left} deliveries do not move; see the logs in {app.settings.state_dir}")
        time.sleep(POLL)
    _clear()
    return finished


def _number(runtime: Runtime, connection_id: int, *states: State) -> int:
    with runtime.database.reading() as session:
        return (
            session.scalar(
                select(func.count()).where(Delivery.connection_id == connection_id, Delivery.state.in_(states))
            )
            or 0
        )


def _calls(app: Installation, sandbox: str, purpose: str = "") -> int:
    """Calls that our own processes made to a stand-in, for all purposes or for one."""
    counts: dict[str, dict[str, int]] = requests.get(f"{app.url(sandbox)}/_sandbox/calls", timeout=60).json()["counts"]
    if not purpose:
        return counts["by_client"].get(CLIENT, 0)
    return sum(n for agent, n in counts["by_agent"].items() if agent.startswith(CLIENT) and f"({purpose})" in agent)


def _stay(app: Installation, hints: Mapping[str, str]) -> None:
    """Say where to look, and go on until stopped."""
    runtime = Runtime.build(app.settings)
    _say(f"\nControl panel with the settings: {app.url('bigcommerce')}/manage")
    with runtime.database.reading() as session:
        for connection in session.scalars(select(Connection).where(Connection.vendor.in_(registry.VENDORS))):
            label = registry.VENDORS[connection.vendor].label
            hint = hints.get(connection.vendor)
            _say(f"{label} records with the panel: {app.url(connection.vendor)}/{f'  ({hint})' if hint else ''}")
            user = CREDENTIALS[connection.vendor]
            _say(f"  connected as {user['username']}, password {user['password']}; edit there as somebody else")
    _say(f"Commands of this installation: . {Path(app.settings.state_dir) / ENVIRONMENT}; storeline doctor")
    _say("Press Ctrl-C to stop.")
    threading.Event().wait()


def _say(words: str) -> None:
    click.echo(words, err=True)


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{what}: {done:,} of {total:,}", err=True, nl=False)
    elif done == total or done % 500 == 0:
        click.echo(f"{what}: {done:,} of {total:,}", err=True)


def _clear() -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
