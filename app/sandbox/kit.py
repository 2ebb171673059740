"""What every stand-in has beside its vendor's API: a call log, faults on request, latency, stored records, a reset."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from flask import Blueprint, Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from app.sandbox.faults import Fault, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Record = dict[str, Any]

_COMPANIONS = "sandbox_companions"
ANSWERED = ("status", "expired")  # kinds of faults that are an answer
TOKENS = ("HTTP_AUTHORIZATION", "HTTP_OAUTH_TOKEN")  # headers that carry what expires
CALLS_KEPT = 20_000  # the counts go on, the single calls are kept up to here


@dataclass(frozen=True)
class Options:
    """How one stand-in is to behave; the same for all of them."""

    port: int = 0
    host: str = "127.0.0.1"
    latency_ms: int = 0  # added to every API call
    limits: bool = True  # the vendor's own rate limits
    seed: Literal["demo", "empty"] = "demo"
    app_url: str = "http://localhost:8000"  # where the app under development listens
    speed: float = 1.0  # how much faster than real the stand-in's own clock runs (webhook retries, blocks)

    @property
    def url(self) -> str:
        """The stand-in's own address as others reach it."""
        return f"http://{self.host}:{self.port}"


class Store(Protocol):
    """What the control routes need of a stand-in's own state."""

    def records(self, name: str) -> Sequence[Mapping[str, Any]] | None:
        """All stored records of one object as the API would show them; None: there is no such object."""

    def reset(self) -> None:
        """Back to the seed."""


class Control:
    """The `/_sandbox` routes of one stand-in and the middleware that counts, delays and breaks its API calls.

    `is_api` says which paths belong to the vendor's API: only these are counted, delayed and broken. `refuse` turns a
    status and a body (None: the vendor's own words for it) into the vendor's error answer.
    """

    def __init__(
        self,
        app: Flask,
        store: Store,
        options: Options,
        is_api: Callable[[str], bool],
        default_body: Callable[[str, int], Any] = lambda path, status: {"status": status},
    ) -> None:
        self.options = options
        self._store = store
        self._is_api = is_api
        self._default_body = default_body
        self._lock = threading.Lock()
        self._calls: list[Record] = []
        self._total = 0
        self._by_status: Counter[str] = Counter()
        self._by_client: Counter[str] = Counter()  # by the first word of the User-Agent
        self._by_agent: Counter[str] = Counter()  # by all of it
        self._faults = Faults()
        self._inner = app.wsgi_app
        app.wsgi_app = self  # type: ignore[method-assign]  # Flask's documented way to add middleware
        app.register_blueprint(self._routes())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        method: str = environ["REQUEST_METHOD"]
        if not self._is_api(path):
            return self._inner(environ, start_response)
        if self.options.latency_ms:
            time.sleep(self.options.latency_ms / 1000)
        fault = self._faults.take(method, path, client_of(environ), token_of(environ))
        if fault is None:
            return self._inner(environ, self._logging(start_response, environ))
        if fault.when == "after":
            drain(self._inner(environ, self._logging(start_response_to_nowhere, environ)))
        else:
            self._log(environ, fault.status if fault.kind in ANSWERED else 0)
        if fault.kind in ANSWERED:
            return self._answer(fault, path, environ, start_response)
        if fault.kind == "timeout":
            time.sleep(fault.seconds)
        break_connection(environ)
        raise ConnectionResetError

    def _answer(
        self, fault: Fault, path: str, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        body = self._default_body(path, fault.status) if fault.body is None else fault.body
        with self._app_context(environ):
            response = jsonify(body) if not isinstance(body, str) else Flask.response_class(body)
            response.status_code = fault.status
            response.headers.update(fault.headers)
            return response(environ, start_response)

    def _app_context(self, environ: WSGIEnvironment) -> Any:
        return self._flask.request_context(environ)

    @property
    def _flask(self) -> Flask:
        app: Flask = self._inner.__self__  # type: ignore[attr-defined]  # the bound wsgi_app of our own app
        return app

    def _logging(self, start_response: StartResponse, environ: WSGIEnvironment) -> StartResponse:
        def logged(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self._log(environ, int(status.split(" ", 1)[0]))
            return start_response(status, headers, exc_info)

        return logged

    def _log(self, environ: WSGIEnvironment, status: int) -> None:
        method: str = environ["REQUEST_METHOD"]
        agent = environ.get("HTTP_USER_AGENT", "")
        client = client_of(environ)
        call = {"method": method, "path": environ["PATH_INFO"], "query": environ["QUERY_STRING"], "status": status}
        with self._lock:
            self._total += 1
            self._by_status[f"{method} {status}"] += 1
            self._by_client[client] += 1
            self._by_agent[agent] += 1
            if len(self._calls) < CALLS_KEPT:
                self._calls.append({**call, "client": client})

    def _forget_calls(self) -> None:
        self._total = 0
        for record in (self._calls, self._by_status, self._by_client, self._by_agent):
            record.clear()

    def _routes(self) -> Blueprint:
        routes = Blueprint("_sandbox", __name__, url_prefix="/_sandbox")

        @routes.get("/calls")
        def calls() -> ResponseReturnValue:
            with self._lock:
                by_method = Counter[str]()
                for key, n in self._by_status.items():
                    by_method[key.split(" ")[0]] += n
                counts = {"by_method": by_method, "by_status": self._by_status, "by_client": self._by_client}
                counts["by_agent"] = self._by_agent
                return jsonify(count=self._total, counts=counts, calls=list(self._calls))

        @routes.delete("/calls")
        def forget_calls() -> ResponseReturnValue:
            with self._lock:
                self._forget_calls()
            return "", 204

        @routes.get("/records/<path:name>")
        def records(name: str) -> ResponseReturnValue:
            found = self._store.records(name)
            if found is None:
                return jsonify(error=f"no object {name}"), 404
            return jsonify(list(found))

        self._fault_routes(routes)

        @routes.post("/reset")
        def reset() -> ResponseReturnValue:
            self._faults.forget()
            with self._lock:
                self._forget_calls()
            self._store.reset()
            return "", 204

        return routes

    def _fault_routes(self, routes: Blueprint) -> None:
        @routes.get("/fail")
        def faulted() -> ResponseReturnValue:
            return jsonify(self._faults.counts())

        @routes.post("/fail")
        def fail() -> ResponseReturnValue:
            try:
                self._faults.add(request.get_json())
            except (TypeError, ValueError) as error:
                return jsonify(error=str(error)), 422
            return "", 204

        @routes.delete("/fail")
        def mend() -> ResponseReturnValue:
            self._faults.clear()
            return "", 204


def client_of(environ: WSGIEnvironment) -> str:
    """Who calls: the first word of the User-Agent."""
    return str(environ.get("HTTP_USER_AGENT", "")).partition("/")[0]


def token_of(environ: WSGIEnvironment) -> str:
    """The access token of a call, if it has one that expires."""
    found = next((str(environ[name]) for name in TOKENS if name in environ), "")
    return "" if found.startswith("Basic ") else found


def start_response_to_nowhere(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    """A start_response whose answer nobody reads."""
    return lambda data: None


def drain(body: Iterable[bytes]) -> None:
    """Run a WSGI answer to its end and throw it away."""
    for _ in body:
        pass
    close = getattr(body, "close", None)
    if close:
        close()


def break_connection(environ: WSGIEnvironment) -> None:
    """Send a TCP reset instead of an answer."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive, as the real ones
    _dated = False
    disable_nagle_algorithm = True  # headers and body are two writes; without this each answer may wait 40 ms

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """The call log replaces the access log."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """The status alone: a stand-in with a clock of its own dates its answers by that."""
        self._dated = False
        self.send_response_only(code, message)

    def send_header(self, keyword: str, value: str) -> None:
        """Note whether the answer has a date."""
        self._dated = self._dated or keyword.lower() == "date"
        super().send_header(keyword, value)

    def end_headers(self) -> None:
        """Date the answer unless it is."""
        if not self._dated:
            self.send_header("Date", self.date_time_string())
        super().end_headers()


class Companion(Protocol):
    """Another server of a stand-in, for an API that is not HTTP."""

    def start(self) -> None:
        """Listen."""

    def stop(self) -> None:
        """End every call."""


def accompany(app: Flask, companion: Companion) -> None:
    """Have a companion start and stop with the stand-in's own server."""
    app.extensions.setdefault(_COMPANIONS, []).append(companion)


class _Server(ThreadedWSGIServer):
    def __init__(self, app: Flask, options: Options) -> None:
        super().__init__(options.host, options.port, app, _Handler)
        self._companions: list[Companion] = app.extensions.get(_COMPANIONS, [])
        for companion in self._companions:
            companion.start()

    def server_close(self) -> None:
        super().server_close()
        for companion in self._companions:
            companion.stop()


def server(app: Flask, options: Options) -> BaseWSGIServer:
    """A threaded HTTP/1.1 server for one stand-in and its companions, bound but not yet serving."""
    return _Server(app, options)


def run(app: Flask, options: Options) -> None:
    """Serve one stand-in until stopped."""
    server(app, options).serve_forever()
