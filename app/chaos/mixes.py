"""The ways in which each vendor's calls fail, as `/_sandbox/fail` takes them: data only.

Statuses come with the vendor's own bodies unless a body is given, which is then a gateway's. What happens to a call
"after" it took effect loses its answer. Left out is what only a person ends: withdrawn access, a used-up allowance.
"""

from __future__ import annotations

from typing import Any

Way = dict[str, Any]

_PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>gateway</body></html>"
_STALL, _SILENCE = 4.0, 61.0  # seconds that a call hangs before it breaks; longer than any client waits


def _gateway(status: int, words: str, **more: Any) -> Way:
    return {"status": status, "body": _PAGE.format(f"{status} {words}"), **more}


def _network(spared: str = "") -> list[Way]:
    """What any network does; `spared`: calls that are not to take effect without an answer."""
    lost = {"when": "after", "unless": spared}
    return [
        {"kind": "reset", "weight": 4},
        {"kind": "reset", "weight": 4, **lost},
        {"kind": "timeout", "seconds": _STALL, "weight": 2},
        {"kind": "timeout", "seconds": _STALL, "weight": 2, **lost},
        {"kind": "timeout", "seconds": _SILENCE, **lost},
        _gateway(502, "Bad Gateway", weight=4),
        _gateway(502, "Bad Gateway", weight=2, **lost),
        _gateway(503, "Service Temporarily Unavailable", weight=2, headers={"Retry-After": "3"}),
        _gateway(504, "Gateway Time-out", weight=3, **lost),
        {"status": 200, "body": _PAGE.format("We will be right back"), "weight": 2},
        {"status": 200, "body": '{"data": [{"id": 1', "weight": 2, **lost},
    ]


_EXPIRED: Way = {"kind": "expired", "weight": 2}
# A refresh token is good for one use: the answer that holds the next one is not lost.
_TOKEN = "oauth2/token"  # noqa: S105 - a path

MIXES: dict[str, list[Way]] = {
    "bigcommerce": [
        *_network(),
        {"status": 429, "headers": {"X-Rate-Limit-Time-Reset-Ms": "2000", "X-Retry-After": "2"}, "weight": 4},
        {"status": 429, "headers": {"X-Rate-Limit-Time-Reset-Ms": "1500"}, "weight": 2},
        {"status": 429, "weight": 2},
        {"status": 500, "weight": 4},
        {"status": 500, "when": "after", "weight": 2},
        {"status": 423, "weight": 1},
        {"status": 401, "match": "/stores/", "weight": 1},
    ],
    "salesforce": [
        *_network(_TOKEN),
        _EXPIRED,
        {"status": 429, "weight": 1, "body": ""},
        {
            "status": 403, "match": "/services/data", "weight": 1,
            "body": [{"message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
                      "errorCode": "REQUEST_LIMIT_EXCEEDED"}],
        },
        {"status": 400, "match": "/services/data", "weight": 4},  # a locked row
        {"status": 500, "weight": 4},
        {"status": 500, "when": "after", "unless": _TOKEN, "weight": 2},
        {"status": 503, "weight": 2},
    ],
    "sugarcrm": [
        *_network(_TOKEN),
        _EXPIRED,
        {"status": 409, "match": "/rest/", "unless": _TOKEN, "weight": 1},
        {"status": 429, "headers": {"Retry-After": "2"}, "weight": 3},
        {"status": 500, "weight": 4},
        {"status": 500, "when": "after", "unless": _TOKEN, "weight": 2},
        {"status": 503, "headers": {"Retry-After": "3"}, "weight": 2},
    ],
    "sap-sales-cloud": [
        *_network(),
        {"status": 400, "weight": 3},  # locked by a user
        {"status": 403, "method": "POST", "headers": {"x-csrf-token": "Required"}, "weight": 2},
        {"status": 429, "headers": {"Retry-After": "2"}, "weight": 3},
        {"status": 500, "weight": 4},
        {"status": 500, "when": "after", "weight": 2},
        {"status": 503, "headers": {"Retry-After": "3"}, "weight": 2},
    ],
}  # fmt: skip
