"""The production web server: gunicorn with threads, configured from the settings."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app.config import Settings
from app.factory import create_app


class _Gunicorn(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": self._settings.bind,
            "workers": int(self._settings.web_processes),
            "threads": int(self._settings.web_threads),
            "worker_class": "gthread",
            "keepalive": 30,
            "graceful_timeout": 10,
            "loglevel": "warning",
            "accesslog": None,  # addresses carry codes, tickets and signed payloads
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return create_app(self._settings)  # after the fork: no connection is shared between processes


def web(settings: Settings) -> None:
    """Serve the app until stopped. With SQLite keep one process: the commits of its threads share one writer."""
    _Gunicorn(settings).run()
