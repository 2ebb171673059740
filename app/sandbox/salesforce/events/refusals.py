"""The errors of the Pub/Sub API: a gRPC status, and trailers that say more."""

from __future__ import annotations

from typing import NoReturn
from uuid import uuid4

import grpc

PREFIX = "sfdc.platform.eventbus.grpc."


class Refusal(Exception):
    """A call ends with this status; `code` is the error code below `sfdc.platform.eventbus.grpc`."""

    def __init__(self, status: grpc.StatusCode, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code if code.startswith("sfdc.") else PREFIX + code
        self.message = message


def rpc_id() -> str:
    """An id to tell support."""
    return str(uuid4())


def abort(context: grpc.ServicerContext, refusal: Refusal) -> NoReturn:
    """End the call; raises grpc's own exception."""
    told = rpc_id()
    context.set_trailing_metadata((("error-code", refusal.code), ("rpc-id", told)))
    context.abort(refusal.status, f"{refusal.message} rpcId: {told}")
    raise refusal
