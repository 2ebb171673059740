"""`/api/session`, bearers, problem bodies and the description of the API."""

from __future__ import annotations

import time

import jwt
import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from app import api
from app.api import problems
from app.errors import NotFound, Reauthorize, Rejected, Retryable, StorelineError
from app.models import Store, StoreState, User
from app.runtime import Runtime
from app.ui import session as sessions
from app.ui.session import LONGEST, guard
from tests.web.api import world as worlds
from tests.web.api.world import Caller, World

EVERY_ENDPOINT = [
    ("GET", "/api/session"),
    ("POST", "/api/session/renew"),
    ("GET", "/api/connections"),
    ("POST", "/api/connections/salesforce/authorize"),
    ("PATCH", "/api/connections/1"),
    ("DELETE", "/api/connections/1"),
    ("POST", "/api/connections/1/check"),
    ("POST", "/api/connections/sap-sales-cloud/sign-in"),
    ("GET", "/api/connections/1/allowance"),
    ("PUT", "/api/connections/1/allowance"),
    ("GET", "/api/connections/1/terms"),
    ("PUT", "/api/connections/1/terms"),
    ("GET", "/api/connections/1/users"),
    ("GET", "/api/connections/1/passes"),
    ("POST", "/api/connections/1/passes"),
    ("DELETE", "/api/connections/1/passes/1"),
    ("GET", "/api/conflicts"),
    ("POST", "/api/conflicts/settle"),
    ("GET", "/api/deliveries"),
    ("GET", "/api/deliveries/1"),
    ("POST", "/api/deliveries/1/replay"),
    ("POST", "/api/deliveries/replay"),
    ("POST", "/api/connections/1/backfills"),
    ("GET", "/api/backfills"),
    ("GET", "/api/backfills/1"),
    ("POST", "/api/backfills/1/start"),
    ("GET", "/api/connections/1/money"),
    ("POST", "/api/connections/1/money/check"),
    ("POST", "/api/connections/1/money/repair"),
    ("GET", "/api/connections/1/differences"),
    ("GET", "/api/problems"),
    ("GET", "/api/deliveries/1/correctable"),
    ("PUT", "/api/deliveries/1/corrections"),
    ("DELETE", "/api/deliveries/1/corrections"),
    ("GET", "/api/privacy/people"),
    ("GET", "/api/privacy/requests"),
    ("GET", "/api/privacy/retention"),
    ("POST", "/api/privacy/exports"),
    ("GET", "/api/privacy/exports/1/file"),
    ("POST", "/api/privacy/erasures"),
]


@pytest.fixture
def world(sqlite_runtime: Runtime) -> World:
    """One kind of database is enough here."""
    return worlds.build(sqlite_runtime)


def test_a_refused_bearer_is_logged_without_its_content(world: World, store: Store, owner: User) -> None:
    good = world.bearer(store, owner)
    expired = jwt.encode(
        jwt.decode(good, options={"verify_signature": False}) | {"exp": 1}, world.runtime.settings.session_secret
    )
    for token, reason in (
        ("", "NO_BEARER"),
        ("nonsense", "DecodeError"),
        (good[:-4] + "AAAA", "InvalidSignatureError"),
        (expired, "ExpiredSignatureError"),
        (world.bearer(store, owner, sessions.PANEL), "InvalidAudienceError"),
    ):
        with capture_logs() as logs:
            assert Caller(world, token)("GET", "/api/session").status_code == 401
        assert logs == [
            {
                "event": "bearer refused", "log_level": "warning", "reason": reason,
                "audience": sessions.SETTINGS, "endpoint": "api-session.SessionResource",
            }
        ]  # fmt: skip


def test_it_says_who_and_where(call: Caller, store: Store) -> None:
    answer = call("GET", "/api/session")
    assert answer.status_code == 200
    assert answer.json == {
        "store": {
            "hash": store.store_hash,
            "name": "The Gift Shop",
            "currency": "GBP",
            "timezone": "Europe/London",
            "control_panel_url": store.control_panel_url,
        },
        "user": {"email": "owner@example.com", "locale": "en-GB", "role": "owner"},
        "deep_link": f"{store.control_panel_url}/manage/app/1",
    }
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers


def test_staff_are_called_staff(world: World, store: Store) -> None:
    clerk = world.user(store, bigcommerce_id="8", is_owner=False)
    answer = Caller(world, world.bearer(store, clerk))("GET", "/api/session")
    assert answer.json is not None
    assert answer.json["user"]["role"] == "staff"


def test_a_renewed_bearer_is_good_and_keeps_the_launch(world: World, store: Store, owner: User) -> None:
    launch = int(time.time()) - 3600
    old = world.bearer(store, owner, launch=launch)
    answer = Caller(world, old)("POST", "/api/session/renew")
    assert answer.status_code == 200
    assert answer.json is not None
    fresh = answer.json["token"]
    assert Caller(world, fresh)("GET", "/api/session").status_code == 200
    claims = jwt.decode(fresh, options={"verify_signature": False})
    assert claims["launch"] == launch
    assert answer.json["expires_at"].startswith(time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(claims["exp"])))


def test_no_bearer_outlives_a_day_after_the_launch(world: World, store: Store, owner: User) -> None:
    nearly_over = Caller(world, world.bearer(store, owner, launch=int(time.time()) - LONGEST + 30))
    answer = nearly_over("POST", "/api/session/renew")
    assert answer.json is not None
    exp = jwt.decode(answer.json["token"], options={"verify_signature": False})["exp"]
    assert exp <= time.time() + 30


@pytest.mark.parametrize(("method", "path"), EVERY_ENDPOINT)
def test_nothing_answers_without_a_bearer(world: World, method: str, path: str) -> None:
    answer = Caller(world, "")(method, path, {})
    assert answer.status_code == 401
    assert answer.json == {"code": 401, "status": "Unauthorized", "message": sessions.OVER}


def test_the_list_of_endpoints_is_complete(world: World) -> None:
    rules = [rule for rule in world.app.url_map.iter_rules() if rule.rule.startswith("/api/")]
    served = {(method, rule.endpoint) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    urls = world.app.url_map.bind("localhost")
    known = {(method, urls.match(path, method)[0]) for method, path in EVERY_ENDPOINT}
    assert served == known | {("GET", "api-description.openapi")}


@pytest.mark.parametrize("change", ["audience", "forged", "user gone", "store gone"])
def test_a_bearer_that_is_not_good(world: World, store: Store, owner: User, change: str) -> None:
    token = world.bearer(store, owner, audience=sessions.PANEL if change == "audience" else sessions.SETTINGS)
    if change == "forged":
        claims = jwt.decode(token, options={"verify_signature": False})
        token = jwt.encode(claims, "another secret of thirty-two bytes", algorithm="HS256")
    with world.runtime.database.transaction() as session:
        if change == "user gone":
            session.execute(update(User).values(is_active=False))
        if change == "store gone":
            session.execute(update(Store).values(state=StoreState.UNINSTALLED))
    assert Caller(world, token)("GET", "/api/connections").status_code == 401


def test_every_blueprint_has_a_guard() -> None:
    assert {guard(blueprint.name) for blueprint in api.RESOURCES} == {sessions.SETTINGS}
    assert guard("api-description")


def test_the_description(world: World) -> None:
    answer = Caller(world, "")("GET", "/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json is not None
    paths = answer.json["paths"]
    assert set(paths["/api/deliveries"]["get"]["responses"]) >= {"200", "422"}
    assert set(paths["/api/connections/{connection_id}"]) >= {"patch", "delete"}


def test_an_address_that_is_not_there(call: Caller) -> None:
    answer = call("GET", "/api/nothing")
    assert answer.status_code == 404
    assert answer.json == {"code": 404, "status": "Not Found", "message": "There is nothing at this address."}


def test_pages_for_people_keep_their_own_errors(call: Caller) -> None:
    answer = call("GET", "/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_bug_is_no_stack_trace(world: World, call: Caller) -> None:
    with world.runtime.database.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE deliveries RENAME TO elsewhere")
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = call("GET", "/api/deliveries")
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["message"].startswith("Something went wrong on our side.")
    assert "elsewhere" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("The store is not installed."), 404),
        (Reauthorize("Please connect again."), 409),
        (Retryable("The vendor did not answer in time."), 503),
        (Rejected("No such account."), 422),
    ],
)
def test_what_a_service_raises_is_a_problem_in_its_words(error: StorelineError, status: int) -> None:
    body, code = problems.from_error(error)
    assert (code, body["code"], body["message"]) == (status, status, error.message)
