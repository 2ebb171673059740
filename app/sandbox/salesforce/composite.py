"""`composite`, `composite/batch` and `composite/graph`: several requests in one call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.sandbox.salesforce.api import Answer, Call, answer, as_bool, resource, split_path
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.record_collections import collections
from app.sandbox.salesforce.tree import tree

MOST_REQUESTS = 25
MOST_HEAVY = 5
MOST_NODES, MOST_GRAPHS, MOST_KINDS, MOST_FAILED_GRAPHS = 500, 75, 15, 14
_REFERENCE = re.compile(r"@\{\s*(\w+)((?:\.\w+|\[\d+\])*)\s*\}")
ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."


@resource("composite")
def composite(call: Call) -> Answer:
    """All below `composite`."""
    rest = [s.lower() for s in call.segments[1:]]
    if not rest:
        return _composite(call)
    if rest[0] == "sobjects":
        return collections(call)
    if rest[0] == "tree" and len(rest) == 2:
        return tree(call)
    found = {"batch": _batch, "graph": _graph}.get(rest[0])
    if found is None:
        raise not_found()
    return found(call)


def _composite(call: Call) -> Answer:
    if call.method != "POST":
        raise call.refuse_method()
    body = call.mapping()
    requests = _requests(body)
    if len(requests) > MOST_REQUESTS:
        raise ApiError("LIMIT_EXCEEDED", f"Composite API request limit exceeded: at most {MOST_REQUESTS} subrequests")
    if sum(_is_heavy(r.get("url", "")) for r in requests) > MOST_HEAVY:
        message = f"At most {MOST_HEAVY} subrequests can be sObject Collections or query and queryAll operations"
        raise ApiError("LIMIT_EXCEEDED", message)
    answers, _ = run_requests(call, requests, as_bool(body.get("allOrNone", False)))
    return Answer(200, {"compositeResponse": answers})


def _requests(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    requests = body.get("compositeRequest")
    if not isinstance(requests, list) or not requests or not all(isinstance(r, dict) for r in requests):
        raise ApiError("JSON_PARSER_ERROR", "compositeRequest must be a list with at least one subrequest")
    names = [r.get("referenceId") for r in requests]
    if None in names or len(set(names)) < len(names):
        raise ApiError("INVALID_REQUEST", "Each subrequest needs a referenceId of its own")
    return requests


def _is_heavy(url: str) -> bool:
    segments = [s.lower() for s in split_path(url.split("?")[0])][3:]
    return segments[:1] in (["query"], ["queryall"]) or segments[:2] == ["composite", "sobjects"]


def run_requests(call: Call, requests: list[dict[str, Any]], all_or_none: bool) -> tuple[list[dict[str, Any]], bool]:
    """Run subrequests in order; (answers, whether none failed). With all_or_none a failure undoes all."""
    mark = call.org.db.mark()
    bodies: dict[str, Any] = {}
    answers: list[dict[str, Any]] = []
    failed_at: int | None = None
    for at, request in enumerate(requests):
        if failed_at is not None and all_or_none:
            answers.append(_halted(request, ROLLED_BACK))
            continue
        one = _run(call, request, bodies)
        answers.append(one)
        if one["httpStatusCode"] >= 300:
            failed_at = at if failed_at is None else failed_at
        else:
            bodies[request["referenceId"]] = one["body"]
    if failed_at is not None and all_or_none:
        call.org.db.rollback(mark)
        answers[:failed_at] = [_halted(request, ROLLED_BACK) for request in requests[:failed_at]]
    return answers, failed_at is None


def _run(call: Call, request: dict[str, Any], bodies: Mapping[str, Any]) -> dict[str, Any]:
    try:
        url = substitute(request.get("url", ""), bodies)
        body = substitute(request.get("body"), bodies)
        sub = call.below(request.get("method", "GET"), str(url), body, request.get("httpHeaders") or {})
    except ApiError as error:
        return _answer_of(request, Answer(error.status, error.rest()))
    if [s.lower() for s in sub.segments[:1]] == ["composite"] and sub.segments[1:2] not in (("sobjects",), ("tree",)):
        return _answer_of(request, Answer(400, ApiError("INVALID_REQUEST", "Composite can't be nested").rest()))
    return _answer_of(request, answer(sub))


def _answer_of(request: Mapping[str, Any], one: Answer) -> dict[str, Any]:
    return {
        "body": one.body,
        "httpHeaders": dict(one.headers),
        "httpStatusCode": one.status,
        "referenceId": request["referenceId"],
    }


def _halted(request: Mapping[str, Any], message: str) -> dict[str, Any]:
    return _answer_of(request, Answer(400, ApiError("PROCESSING_HALTED", message).rest()))


def substitute(value: Any, bodies: Mapping[str, Any]) -> Any:
    """Replace `@{ref.path}` in a url or anywhere in a body; PROCESSING_HALTED when there is no such value."""
    if isinstance(value, dict):
        return {key: substitute(inner, bodies) for key, inner in value.items()}
    if isinstance(value, list):
        return [substitute(inner, bodies) for inner in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole is not None:
        return _look_up(whole, bodies)
    return _REFERENCE.sub(lambda match: str(_look_up(match, bodies)), value)


def _look_up(match: re.Match[str], bodies: Mapping[str, Any]) -> Any:
    found: Any = bodies.get(match[1])
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", match[2]):
        if name:
            found = found.get(name) if isinstance(found, dict) else None
        else:
            found = found[int(index)] if isinstance(found, list) and int(index) < len(found) else None
    if found is None:
        message = f"Invalid reference specified. No value for {match[1]}{match[2]} found in {match[1]}"
        raise ApiError("PROCESSING_HALTED", message)
    return found


def _batch(call: Call) -> Answer:
    body = call.mapping()
    requests = body.get("batchRequests")
    if not isinstance(requests, list) or not requests:
        raise ApiError("JSON_PARSER_ERROR", "batchRequests must be a list with at least one subrequest")
    if len(requests) > MOST_REQUESTS:
        raise ApiError("LIMIT_EXCEEDED", f"at most {MOST_REQUESTS} subrequests")
    results: list[dict[str, Any]] = []
    for request in requests:
        if as_bool(body.get("haltOnError", False)) and any(r["statusCode"] >= 400 for r in results):
            results.append({"statusCode": 412, "result": ApiError("BATCH_PROCESSING_HALTED", "halted").rest()})
            continue
        url = request.get("url", "")
        path = url if url.startswith("/services") else f"/services/data/{url.lstrip('/')}"
        try:
            one = answer(call.below(request.get("method", "GET"), path, request.get("richInput"), {}))
        except ApiError as error:
            one = Answer(error.status, error.rest())
        results.append({"statusCode": one.status, "result": one.body})
    return Answer(200, {"hasErrors": any(r["statusCode"] >= 400 for r in results), "results": results})


def _graph(call: Call) -> Answer:
    graphs = call.mapping().get("graphs")
    if not isinstance(graphs, list) or not graphs:
        raise ApiError("JSON_PARSER_ERROR", "graphs must be a list with at least one graph")
    _check_graphs(graphs)
    answers: list[dict[str, Any]] = []
    failed = 0
    for graph in graphs:
        requests = _requests(graph)
        if failed > MOST_FAILED_GRAPHS:
            message = "Processing was halted because too many graphs failed."
            responses, good = [_halted(r, message) for r in requests], False
        else:
            responses, good = run_requests(call, requests, all_or_none=True)
            failed += not good
        answers.append(
            {"graphId": graph.get("graphId"), "graphResponse": {"compositeResponse": responses}, "isSuccessful": good}
        )
    return Answer(200, {"graphs": answers})


def _check_graphs(graphs: list[dict[str, Any]]) -> None:
    nodes = [request for graph in graphs for request in _requests(graph)]
    kinds = set()
    for node in nodes:
        segments = [s.lower() for s in split_path(str(node.get("url", "")).split("?")[0])]
        if segments[3:4] != ["sobjects"] or len(segments) not in (5, 6, 7):
            raise ApiError("INVALID_REQUEST", f"not supported in a graph: {node.get('url')}")
        kinds.add((segments[2], segments[4]))
    for graph in graphs:
        if _depth(graph["compositeRequest"]) > MOST_KINDS:
            raise ApiError("LIMIT_EXCEEDED", f"a graph can be at most {MOST_KINDS} levels deep")
    for found, most, what in (
        (len(nodes), MOST_NODES, "nodes"),
        (len(graphs), MOST_GRAPHS, "graphs"),
        (len(kinds), MOST_KINDS, "different nodes"),
    ):
        if found > most:
            raise ApiError("LIMIT_EXCEEDED", f"at most {most} {what} in a payload, {found} given")


def _depth(requests: list[dict[str, Any]]) -> int:
    depths: dict[str, int] = {}
    for request in requests:
        used = [m[1] for m in _REFERENCE.finditer(f"{request.get('url')} {request.get('body')}")]
        depths[request["referenceId"]] = 1 + max((depths.get(name, 0) for name in used), default=0)
    return max(depths.values(), default=0)
