"""A Chromium for tests: third-party cookies blocked, every host below .test is this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--test-third-party-cookie-phaseout",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)  # fmt: skip

expect.set_options(timeout=30_000)  # milliseconds; the machine may be busy with other tests


def executable() -> str:
    """The machine's Chromium; a test without one is skipped, but not in CI."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no Chromium here, and CI must not skip the browser tests")
        pytest.skip("no Chromium on this machine")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of all tests."""
    path = executable()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(ARGUMENTS))
        yield browser
        browser.close()
