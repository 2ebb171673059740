"""What all workers know of a vendor's quota per window, in Redis; the vendor's next answer corrects what is wrong."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import Redis

from app.connectors.access import Bucket, Reading
from app.db import now

PROBES = 2  # calls under way at once while nothing is known of the window
PROBE_LIFE = 5_000  # ms after which a probe counts as lost
LAST = 2  # calls of every window that are not ours, so that the last of them meets no 429
NAP = 0.04  # seconds until the next look, where others of ours are under way

# Others' pace is what vanished from the window besides our own calls, since its first answer; it is believed in for two
# seconds after an answer, and half a second of it is kept free for what they send while our call travels.
# A window is known once an answer told of it: what is left of it as told, less what we sent since, less what other apps
# are likely to have taken meanwhile. Until then only a few calls may be under way, for others may have used it up.
_ENTER = """
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local reserve, last, at_once = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local member, call_life, probes, probe_life = ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if at_once > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', at)
  if redis.call('ZCARD', KEYS[2]) >= at_once then return {'busy', 0} end
end
local answer = {'go', 0}
if KEYS[1] ~= '' then
  local row = redis.call('HMGET', KEYS[1], 'quota', 'left', 'resets', 'pace', 'told')
  local resets = tonumber(row[3])
  if resets and at < resets then
    local pace = tonumber(row[4])
    local likely = tonumber(row[2]) - pace * math.min(at - tonumber(row[5]), 2000) - pace * 500
    if likely <= math.max(last, math.floor(tonumber(row[1]) * reserve / 100)) then return {'spent', resets - at} end
    redis.call('HINCRBY', KEYS[1], 'left', -1)
  else
    local key = KEYS[1] .. ':probes'
    redis.call('ZREMRANGEBYSCORE', key, '-inf', at)
    if redis.call('ZCARD', key) >= probes then return {'busy', 0} end
    redis.call('ZADD', key, at + probe_life, member)
    redis.call('PEXPIRE', key, probe_life)
    answer = {'unknown', 0}
  end
end
if at_once > 0 then
  redis.call('ZADD', KEYS[2], at + call_life, member)
  redis.call('PEXPIRE', KEYS[2], call_life)
end
return answer
"""
_TOLD = """
local time = redis.call('TIME')
local at = time[1] * 1000 + math.floor(time[2] / 1000)
local member, left, quota = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local reset_in, window = tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZREM', KEYS[2], member)
if KEYS[1] == '' then return 0 end
local probes = KEYS[1] .. ':probes'
redis.call('ZREM', probes, member)
if left < 0 then return 0 end
local row = redis.call('HMGET', KEYS[1], 'left', 'resets', 'pace', 'told', 'first', 'others')
local resets, told = tonumber(row[2]), at + reset_in
if not resets or at >= resets or told > resets + window / 2 then
  -- A new window: other probes of ours may be under way, which this answer does not count.
  left = math.max(left - redis.call('ZCARD', probes), 0)
  redis.call('HSET', KEYS[1], 'quota', quota, 'left', left, 'resets', told, 'window', window, 'told', at, 'first', at,
    'others', 0, 'pace', tostring(tonumber(row[3] or '0') / 2))
  redis.call('PEXPIRE', KEYS[1], 10 * window)
elseif told > resets - window / 2 then
  local ours = tonumber(row[1])
  local others = tonumber(row[6]) + math.max(ours - left, 0)
  local since = math.max(at - tonumber(row[5]), 1000)
  redis.call('HSET', KEYS[1], 'quota', quota, 'left', math.min(ours, left), 'told', at, 'others', others,
    'pace', tostring(others / since))
end
return 0
"""


@dataclass(frozen=True)
class Window:
    """A vendor's window as all workers know it now."""

    quota: int
    left: int
    seconds: float
    resets_at: datetime

    def is_spent(self, reserve: int) -> bool:
        """Whether no more is left than calls of this reserve leave to others."""
        return self.left <= max(LAST, self.quota * reserve // 100)


@dataclass(frozen=True)
class Turn:
    """Whether a call may be made; else after how many seconds, and whether only others of ours are in the way."""

    wait: float = 0.0
    is_short: bool = False


class Windows:
    """The quota and the parallel calls of one connection. Raises RedisError where Redis is away."""

    def __init__(self, redis: Redis, connection_id: int) -> None:
        self._redis, self._name = redis, f"budget:{{{connection_id}}}"
        self._enter, self._told = redis.register_script(_ENTER), redis.register_script(_TOLD)
        self._limiter: MovingWindowRateLimiter | None = None
        self._member = ""

    def enter(self, bucket: Bucket, reserve: int) -> Turn:
        """Ask for one call; `reserve`: percent of the quota that are to be left."""
        self._member = uuid.uuid4().hex
        values = (reserve, LAST, bucket.at_once, self._member, bucket.longest * 1000, PROBES, PROBE_LIFE)
        word, wait = self._enter(keys=self._keys(bucket), args=values)
        match word.decode() if isinstance(word, bytes) else word:
            case "spent":
                return Turn(wait / 1000)
            case "busy":
                return Turn(NAP, is_short=True)
            case "unknown":
                return self._guess(bucket, reserve)
        return Turn()

    def told(self, bucket: Bucket, reading: Reading) -> None:
        """The call has ended; what its answer said."""
        left, quota, window = reading.left, reading.quota or bucket.quota, float(bucket.seconds)
        if reading.window is not None:
            window = reading.window.total_seconds()
        reset_in = (reading.resets_at - now()).total_seconds() if reading.resets_at is not None else window
        known = -1 if left is None else left
        values = (self._member, known, quota, max(int(reset_in * 1000), 0), int(window * 1000))
        self._told(keys=self._keys(bucket), args=values)

    def look(self, name: str) -> Window | None:
        """The window as it is known; None: nothing is."""
        found: Any = self._redis.hmget(self._key(name), "quota", "left", "resets", "window")
        if None in found:
            return None
        quota, left, resets, seconds = (int(float(text)) for text in found)
        resets_at = datetime.fromtimestamp(resets / 1000, tz=UTC)
        if resets_at <= now():
            return None
        return Window(quota, max(left, 0), seconds / 1000, resets_at)

    def _guess(self, bucket: Bucket, reserve: int) -> Turn:
        """Where no answer told of a window: our own calls of the last one, counted as they fall out of it."""
        if self._limiter is None:
            storage = RedisStorage("redis://", connection_pool=self._redis.connection_pool, key_prefix=self._name)
            self._limiter = MovingWindowRateLimiter(storage)
        item = RateLimitItemPerSecond(bucket.quota, bucket.seconds)
        stats = self._limiter.get_window_stats(item, bucket.window)
        if stats.remaining > bucket.quota * reserve // 100 and self._limiter.hit(item, bucket.window):
            return Turn()
        self.told(bucket, Reading())  # it was let in above
        return Turn(max(stats.reset_time - now().timestamp(), NAP))

    def _keys(self, bucket: Bucket) -> list[str]:
        return [self._key(bucket.window) if bucket.window else "", f"{self._name}:at-once:{bucket.parallel}"]

    def _key(self, window: str) -> str:
        return f"{self._name}:window:{window}"
