"""Many records at once: mass changes, searches over modules, conversion of leads, merging."""

from __future__ import annotations

from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, invalid, missing
from app.sandbox.sugarcrm.linking import many
from app.sandbox.sugarcrm.listing import number
from app.sandbox.sugarcrm.router import Call, Route
from app.sandbox.sugarcrm.site import Actor
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.values import EMPTY
from app.sandbox.sugarcrm.views import record_view

SEARCHED = [
    "Accounts",
    "Contacts",
    "Leads",
    "Opportunities",
    "Cases",
    "Quotes",
    "ProductTemplates",
    "Campaigns",
    "Notes",
]
CONVERTED = {"Accounts": "account_id", "Contacts": "contact_id", "Opportunities": "opportunity_id"}
FROM_LEAD = (
    "salutation first_name last_name title department do_not_call phone_home phone_mobile phone_work phone_other "
    "phone_fax primary_address_street primary_address_city primary_address_state primary_address_postalcode "
    "primary_address_country lead_source campaign_id assigned_user_id description"
).split()


class Mass:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def mass_update(self, call: Call, module: str) -> Row:
        """Change or delete the records of `uid`."""
        params = call.data.get("massupdate_params")
        if not isinstance(params, dict) or not isinstance(params.get("uid"), list):
            raise missing("massupdate_params")
        self._site.schema.need(module)
        self._site.check_write(call.actor, module)
        failed = 0
        for record_id in params["uid"]:
            row = self._site.tables[module].rows.get(str(record_id))
            if row is None or not self._site.visible(call.actor, row):
                failed += 1
            elif call.method == "DELETE":
                self._api.saver.erase(call.actor, module, row)
            else:
                self._api.linker.update(call.actor, module, row, self._changes(row, params))
        self._api.settle(call.actor)
        return {"status": "done", "failed": failed}

    @staticmethod
    def _changes(row: Row, params: Row) -> Row:
        changes = {k: v for k, v in params.items() if k not in ("uid", "team_name_type")}
        if params.get("team_name_type") == "add" and isinstance(changes.get("team_name"), list):
            kept = [{"id": t, "primary": n == 0, "selected": s} for n, (t, s) in enumerate(row["_teams"])]
            known = {t["id"] for t in kept}
            added = [t for t in changes["team_name"] if t.get("id") not in known]
            changes["team_name"] = kept + [{**t, "primary": False} for t in added]
        return changes

    def search(self, call: Call, **_: str) -> Row:
        """Words in names, descriptions and addresses; the index lags behind by a switch."""
        args = call.args
        asked = args.get("module_list") or SEARCHED
        modules = asked.split(",") if isinstance(asked, str) else [str(m) for m in many(asked)]
        words = str(args.get("q", "")).casefold().strip("*")
        offset, most = number(args, "offset", 0), number(args, "max_num", 20)
        hits = [
            (module, row)
            for module in modules
            if self._site.schema.exists(module)
            for row in self._site.tables[module].latest()
            if self._site.visible(call.actor, row) and self._indexed(row) and self._hit(module, row, words)
        ]
        page = [
            {**record_view(self._site, call.actor, module, row), "_score": 1.0, "_highlights": {}}
            for module, row in hits[offset : offset + most]
        ]
        following = offset + most if len(hits) > offset + most else -1
        return {"next_offset": following, "total": len(hits), "query_time": 1, "records": page}

    def _indexed(self, row: Row) -> bool:
        return bool(
            (self._site.now() - row["date_modified"]).total_seconds() >= self._site.switches.search_delay_seconds
        )

    def _hit(self, module: str, row: Row, words: str) -> bool:
        texts = [row["name"], row["description"], *(a.address for a, _ in self._site.emails.of((module, row["id"])))]
        return not words or any(words in text.casefold() for text in texts if text)

    def convert(self, call: Call, record_id: str) -> Row:
        """A lead becomes a contact, an account, an opportunity: created from the body, or those named by id."""
        lead = self._site.need(call.actor, "Leads", record_id)
        modules = call.data.get("modules")
        if not isinstance(modules, dict):
            raise missing("modules")
        if lead["converted"]:
            raise ApiError("invalid_parameter", "The lead is already converted")
        made: dict[str, Row] = {}
        for module in ("Accounts", "Contacts", "Opportunities"):
            if isinstance(modules.get(module), dict):
                made[module] = self._convert_to(call.actor, lead, module, modules[module], made)
        done = {CONVERTED[module]: row["id"] for module, row in made.items()}
        self._api.saver.store(call.actor, "Leads", lead, {**done, "converted": True, "status": "Converted"})
        self._api.settle(call.actor)
        records = [("Leads", lead), *made.items()]
        return {"modules": [record_view(self._site, call.actor, module, row) for module, row in records]}

    def _convert_to(self, actor: Actor, lead: Row, module: str, body: Row, made: dict[str, Row]) -> Row:
        if body.get("id") in self._site.tables[module].rows:
            return self._site.need(actor, module, str(body["id"]))
        given: Row = {}
        if module == "Contacts":
            given = {name: lead[name] for name in FROM_LEAD if lead[name] not in EMPTY}
            given["email"] = self._site.emails.show(("Leads", lead["id"]))
        elif module == "Accounts":
            given = {"name": lead["account_name"]}
        else:
            given = {"name": lead["opportunity_name"], "amount": lead["opportunity_amount"]}
        if "Accounts" in made:
            given["account_id"] = made["Accounts"]["id"]
        row = self._api.linker.create(actor, module, {**given, **body})
        if module == "Opportunities" and "Contacts" in made:
            link = self._site.schema.link("Opportunities", "contacts")
            self._api.linker.relate(actor, link, row, made["Contacts"], {})
        return row


def merge(api: Api, actor: Actor, module: str, winner_id: str, loser_ids: list[str]) -> Any:
    """What a user's merge does: relationships and addresses go to the winner, the losers are deleted."""
    site = api.site
    winner = site.need(actor, module, winner_id)
    if winner_id in loser_ids:
        raise invalid("The winner cannot lose")
    for loser in [site.need(actor, module, i) for i in loser_ids]:
        api.linker.move(actor, module, loser, winner)
        rows = site.emails.show((module, winner_id)) + [
            {**e, "primary_address": False} for e in site.emails.show((module, loser["id"]))
        ]
        api.saver.modify(actor, module, winner, {"email": rows} if site.schema.modules[module].has_email else {})
        api.saver.erase(actor, module, loser)
    api.settle(actor)
    return record_view(site, actor, module, winner)


def routes(api: Api) -> list[Route]:
    """Many at once."""
    handlers = Mass(api)
    return [
        *(Route(m, "<module>/MassUpdate", handlers.mass_update) for m in ("PUT", "DELETE")),
        *(Route(m, "globalsearch", handlers.search) for m in ("GET", "POST")),
        Route("GET", "search", handlers.search),
        Route("POST", "Leads/<record_id>/convert", handlers.convert),
    ]
