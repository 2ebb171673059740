"""The production web server's configuration."""

from __future__ import annotations

import pytest

from app.config import Settings
from app.serve import _Gunicorn


def test_no_address_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Query strings carry codes, tickets and signed payloads; nor can a variable of gunicorn's turn the log on."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--access-logfile -")
    server = _Gunicorn(Settings())
    assert server.cfg.accesslog is None
    assert not server.cfg.logger_class(server.cfg).access_log.handlers
    assert server.cfg.disable_redirect_access_to_syslog is False and server.cfg.syslog is False
