"""`$batch` of OData v2: reads and atomic change sets in one multipart call, and its answer taken apart."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from typing import Any
from uuid import uuid4

_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\r\n]*\r?\n")


@dataclass(frozen=True)
class Operation:
    """One request; the path is relative to the service."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    if_match: str = ""


@dataclass(frozen=True)
class Answer:
    """One answer; the body as JSON, else as text."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.status < 300


Part = Sequence[Operation]  # one GET, or the writes of one change set


def weight(part: Part) -> int:
    """How many of the parts of a call it takes."""
    return len(part)


def compose(parts: Sequence[Part]) -> tuple[str, bytes]:
    """Content type and body of a batch."""
    boundary = f"batch_{uuid4().hex}"
    body = b"".join(b"--%s\r\n%s" % (boundary.encode(), _part(part)) for part in parts)
    return f"multipart/mixed; boundary={boundary}", body + b"--%s--\r\n" % boundary.encode()


def parse(content_type: str, body: bytes) -> list[list[Answer]]:
    """The answers, in the parts' order; a failed change set has one answer for all that was in it."""
    head = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + body)
    answers = []
    for part in _parts(message):
        inner = _parts(part) if part.is_multipart() else [part]
        answers.append([_answer(one) for one in inner])
    return answers


def _parts(message: Message) -> list[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else []


def _part(part: Part) -> bytes:
    if len(part) == 1 and part[0].method == "GET":
        return _http(part[0]) + b"\r\n"
    boundary = f"changeset_{uuid4().hex}"
    lines = [f"Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n".encode()]
    for number, operation in enumerate(part, 1):
        lines.append(b"--%s\r\n%s\r\n" % (boundary.encode(), _http(operation, number)))
    return b"".join(lines) + b"--%s--\r\n\r\n" % boundary.encode()


def _http(operation: Operation, number: int = 0) -> bytes:
    content_id = f"Content-ID: {number}\r\n" if number else ""
    outer = f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{content_id}\r\n"
    body = b"" if operation.body is None else json.dumps(operation.body, ensure_ascii=False).encode()
    headers = {"Accept": "application/json", "Accept-Language": "en"}
    if operation.if_match:
        headers["If-Match"] = operation.if_match
    if operation.method != "GET":
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    # Two blank lines end an inner GET.
    return f"{outer}{operation.method} {operation.path} HTTP/1.1\r\n{lines}\r\n".encode() + body + b"\r\n"


def _answer(part: Message) -> Answer:
    payload = part.get_payload(decode=True)
    raw = payload.lstrip() if isinstance(payload, bytes) else b""
    status = _STATUS.match(raw)
    if status is None:
        return Answer(502, "The answer of a batch could not be read.")
    head, _, body = raw[status.end() :].replace(b"\r\n", b"\n").partition(b"\n\n")
    if raw[status.end() :].startswith((b"\r\n", b"\n")):
        head, body = b"", raw[status.end() :].lstrip()
    headers = {}
    for line in head.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Answer(int(status[1]), content(body), headers)


def content(body: bytes) -> Any:
    """JSON, else text; None for nothing."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text
