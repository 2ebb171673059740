"""What the installed Storeline package does: it asks our service, server to server, for the frame's address."""

from __future__ import annotations

from typing import Any

import requests

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError
from app.sandbox.sugarcrm.php import PhpSyntaxError, php_array
from app.sandbox.sugarcrm.router import Answer, Call, Route
from app.sandbox.sugarcrm.site import Site

CONFIG = "src/custom/include/storeline/config.php"
TIMEOUT_SECONDS = 10.0


def package_config(site: Site) -> dict[str, str] | None:
    """launch_url, instance and secret of the installed and enabled package; None: there is none."""
    for package in site.packages:
        text = package.files.get(CONFIG)
        if package.installed and package.enabled and text:
            try:
                found = php_array(text)
            except PhpSyntaxError:
                continue
            if isinstance(found, dict) and {"launch_url", "instance", "secret"} <= found.keys():
                return {str(k): str(v) for k, v in found.items()}
    return None


class Launch:
    """The handler."""

    def __init__(self, api: Api) -> None:
        self._site = api.site

    def launch(self, call: Call, module: str, record_id: str) -> Answer:
        """The answer of our service, passed on; 404 for a record the user cannot see. Takes the lock itself: the
        service may call back while it answers."""
        with self._site.lock:
            config = package_config(self._site)
            if config is None:
                raise ApiError("no_method", f"Could not find a route with {len(call.path)} elements")
            self._site.need(call.actor, module, record_id)
            body = {
                "instance": config["instance"],
                "module": module,
                "record_id": record_id,
                "user_id": call.actor.id,
                "user_name": call.actor.user["user_name"],
            }
        return _ask(config, body)


def _ask(config: dict[str, str], body: dict[str, Any]) -> Answer:
    headers = {"Authorization": f"Bearer {config['secret']}", "User-Agent": "SugarCRM ExternalResourceClient"}
    try:
        answer = requests.post(config["launch_url"], json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        return Answer(answer.json(), answer.status_code)
    except requests.JSONDecodeError as error:
        raise ApiError("bad_gateway", f"Storeline answered {answer.status_code} without JSON") from error
    except requests.RequestException as error:
        raise ApiError("bad_gateway", f"Storeline cannot be reached: {type(error).__name__}") from error


def routes(api: Api) -> list[Route]:
    """The package's endpoint."""
    return [Route("GET", "Storeline/launch/<module>/<record_id>", Launch(api).launch, locked=False)]
