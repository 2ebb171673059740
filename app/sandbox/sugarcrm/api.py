"""The parts of one instance that handlers work with."""

from __future__ import annotations

from app.sandbox.kit import Options
from app.sandbox.sugarcrm.hooks import Hooks, Scheduler
from app.sandbox.sugarcrm.linking import Linker
from app.sandbox.sugarcrm.rollups import settle
from app.sandbox.sugarcrm.saving import Saver
from app.sandbox.sugarcrm.seed import seed
from app.sandbox.sugarcrm.site import Actor, Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import all_fields


class Api:
    """An instance, what writes to it, and its scheduler."""

    def __init__(self, options: Options) -> None:
        self.site = Site(options)
        self.scheduler = Scheduler(options.speed)
        self.hooks = Hooks(self.site, self.scheduler)
        self.saver = Saver(self.site, self.hooks)
        self.linker = Linker(self.saver)
        seed(self.linker)

    def settle(self, actor: Actor) -> None:
        """Add up what a call touched."""
        settle(self.saver, actor)

    def records(self, name: str) -> list[Row] | None:
        """All live records of a module with all their fields."""
        with self.site.lock:
            return all_fields(self.site, name) if name in self.site.tables else None

    def reset(self) -> None:
        """Back to the seed."""
        with self.site.lock:
            self.site.reset()
            self.scheduler.clear()
            seed(self.linker)
