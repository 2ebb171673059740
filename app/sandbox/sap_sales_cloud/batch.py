"""`$batch`: parts in order, change sets all or nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import responses

from app.sandbox.sap_sales_cloud import errors
from app.sandbox.sap_sales_cloud.calls import Call, Outcome, parse_query, split_target
from app.sandbox.sap_sales_cloud.errors import ApiError, bad, missing
from app.sandbox.sap_sales_cloud.saving import Save, saving
from app.sandbox.sap_sales_cloud.service import WRITES, Service
from app.sandbox.sap_sales_cloud.tenant import Tenant

_REFERENCE = re.compile(r"/?\$(\w+)(/.*|$)", re.DOTALL)
_ROOT = re.compile(r"^(?:https?://[^/]+)?/sap/c4c/odata(?:-sso)?/(?:uid/)?v1/c4codataapi(?=/|$)")


@dataclass(frozen=True)
class Part:
    """A MIME part: headers in lower case, and what follows them."""

    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Operation:
    """A request inside a part."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    content_id: str


class Batch:
    """One batch request."""

    def __init__(self, tenant: Tenant, call: Call, saved: Callable[[Save], None]) -> None:
        self._tenant = tenant
        self._service = Service(tenant)
        self._call = call
        self._saved = saved
        self._count = 0

    def run(self) -> tuple[bytes, str]:
        """The multipart answer and its content type; 400 if the request is no batch."""
        mark = uuid.uuid4().hex.upper()
        parts = [self._part(part) for part in parts_of(self._call.body, self._call.headers.get("content-type", ""))]
        return joined(parts, mark), f"multipart/mixed; boundary={mark}"

    def _part(self, part: Part) -> bytes:
        if part.headers.get("content-type", "").startswith("multipart/mixed"):
            return self._change_set(part)
        operation = operation_of(part)
        if operation.method in WRITES:
            refused = bad("Changes are only allowed inside a change set")
            return self._failed(operation, refused)
        try:
            inner = self._inner(operation, {})
            with self._tenant.lock:
                return http_part(operation, self._service.handle(inner, None))
        except ApiError as error:
            return self._failed(operation, error)

    def _change_set(self, part: Part) -> bytes:
        operations = [operation_of(one) for one in parts_of(part.content, part.headers["content-type"])]
        references: dict[str, str] = {}
        outcomes: list[tuple[Operation, Outcome]] = []
        at = operations[0] if operations else None
        try:
            with self._tenant.lock:
                with saving(self._tenant, self._call.user, self._saved) as save:
                    for at in operations:
                        if at.method not in WRITES:
                            raise bad("GET is not allowed inside a change set")
                        outcome = self._service.handle(self._inner(at, references), save)
                        outcomes.append((at, outcome))
                        if at.content_id and outcome.made:
                            references[at.content_id] = outcome.made
                mark = uuid.uuid4().hex.upper()
                body = joined([http_part(operation, outcome) for operation, outcome in outcomes], mark)
        except ApiError as error:
            return self._failed(at, error)
        head = f"Content-Type: multipart/mixed; boundary={mark}\r\nContent-Length: {len(body)}\r\n\r\n"
        return head.encode() + body

    def _inner(self, operation: Operation, references: dict[str, str]) -> Call:
        self._count += 1
        if self._count > self._tenant.switches.batch_parts:
            raise bad(f"The batch has more than {self._tenant.switches.batch_parts} parts")
        target, _ = _ROOT.subn("", operation.target)
        path, query = split_target(target)
        reference = _REFERENCE.fullmatch(path)
        if reference and reference.group(1) not in ("metadata", "batch"):
            path = self._referred(reference, references)
        headers = {"accept": self._call.headers.get("accept", ""), **operation.headers}
        headers["accept"] = "" if headers["accept"].startswith("multipart") else headers["accept"]
        return replace(
            self._call, method=operation.method, path=path, query=parse_query(query), headers=headers,
            body=operation.body, in_batch=True,
        )  # fmt: skip

    def _referred(self, reference: re.Match[str], references: dict[str, str]) -> str:
        made = references.get(reference.group(1))
        if not self._tenant.switches.content_id_references or made is None:
            raise missing(f"Resource not found for the segment '${reference.group(1)}'")
        return split_target(made)[0] + reference.group(2)

    def _failed(self, operation: Operation | None, error: ApiError) -> bytes:
        asked = (operation.headers.get("accept", "") if operation else "") or self._call.headers.get("accept", "")
        sent = operation.headers.get("content-type", "") if operation else ""
        as_json = "json" in asked or "json" in sent or (operation is not None and "$format=json" in operation.target)
        body = errors.as_json(error) if as_json else errors.as_xml(error)
        kind = errors.JSON_TYPE if as_json else errors.XML_TYPE
        return http_part(operation, Outcome(error.status, lambda: body, kind))


def parts_of(body: bytes, content_type: str) -> list[Part]:
    """The parts of a multipart body."""
    matched = re.search(r'boundary\s*=\s*(?:"([^"]+)"|([^;\s]+))', content_type)
    if not content_type.startswith("multipart/mixed") or matched is None:
        raise bad("Invalid batch: the content type is not multipart/mixed with a boundary")
    mark = re.escape((matched.group(1) or matched.group(2)).encode())
    pieces = re.split(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)", body)
    if len(pieces) < 3:
        raise bad("Invalid batch: the boundary does not occur in the body")
    found = []
    # re.split gives: preamble, closing mark or None, part, closing mark or None, part, ...
    for closing, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if closing:
            break
        headers, content = _headers(re.sub(rb"\A\r?\n", b"", piece, count=1))
        found.append(Part(headers, content))
    return found


def _headers(text: bytes) -> tuple[dict[str, str], bytes]:
    if re.match(rb"\r?\n", text):
        return {}, re.sub(rb"\A\r?\n", b"", text, count=1)
    head, _, content = _split(text)
    found = {}
    for line in head.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found, content


def _split(text: bytes) -> tuple[bytes, bytes, bytes]:
    matched = re.search(rb"\r?\n\r?\n", text)
    return (text, b"", b"") if matched is None else (text[: matched.start()], b"", text[matched.end() :])


def operation_of(part: Part) -> Operation:
    """The HTTP request inside a part; 400 if there is none."""
    if not part.headers.get("content-type", "").startswith("application/http"):
        raise bad("Invalid batch: a part is not application/http")
    first, _, rest = re.sub(rb"\A(?:\r?\n)+", b"", part.content).partition(b"\n")
    words = first.decode("utf-8", "replace").strip().split(" ")
    if len(words) < 2 or not words[0].isupper():
        raise bad("Invalid batch: a part has no request line")
    target = " ".join(words[1:-1]) if words[-1].startswith("HTTP/") else " ".join(words[1:])
    headers, body = _headers(rest)
    content_id = headers.get("content-id") or part.headers.get("content-id", "")
    method = headers.get("x-http-method", words[0]) if words[0] == "POST" else words[0]
    return Operation(method, target, headers, body, content_id)


def http_part(operation: Operation | None, outcome: Outcome) -> bytes:
    """An answer as a part."""
    body = outcome.body() if outcome.body else b""
    raw = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": outcome.content_type} if raw else {}
    headers |= {"Content-Length": str(len(raw)), "dataserviceversion": "2.0"}
    headers |= outcome.headers() if outcome.headers else {}
    if operation and operation.content_id:
        headers["Content-ID"] = operation.content_id
    lines = [f"HTTP/1.1 {outcome.status} {responses.get(outcome.status, '')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    inner = "\r\n".join(lines).encode() + b"\r\n\r\n" + raw
    head = f"Content-Type: application/http\r\nContent-Length: {len(inner)}\r\ncontent-transfer-encoding: binary\r\n"
    if operation and operation.content_id:
        head += f"Content-ID: {operation.content_id}\r\n"
    return head.encode() + b"\r\n" + inner


def joined(parts: list[bytes], mark: str) -> bytes:
    """Parts as a multipart body."""
    return b"".join(f"--{mark}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{mark}--\r\n".encode()
