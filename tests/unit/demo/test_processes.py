"""What the demo's processes are told, and what a shell can take over."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

from app.config import Settings
from app.demo.processes import ENVIRONMENT, Installation


def test_a_shell_takes_over_the_settings(tmp_path: Path) -> None:
    installation = Installation.local(tmp_path, 500, session_secret='it\'s a "secret" of $HOME')
    file = tmp_path / ENVIRONMENT
    installation.write_environment(file)
    assert file.stat().st_mode & 0o077 == 0
    answer = subprocess.run(
        ["/bin/sh", "-c", f". {file}; env -0"], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True
    )
    taken = dict(line.split("=", 1) for line in answer.stdout.decode().split("\0") if line)
    assert Settings.from_env(taken) == replace(installation.settings, state_dir=str(tmp_path.resolve()))
