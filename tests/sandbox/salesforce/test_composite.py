"""Composite, batch, graph, collections and tree."""

from __future__ import annotations

from typing import Any

from tests.sandbox.salesforce.conftest import DATA, Client


def sub(method: str, path: str, ref: str, body: Any = None) -> dict[str, Any]:
    one = {"method": method, "url": f"{DATA}/{path}", "referenceId": ref}
    return {**one, "body": body} if body is not None else one


def composite(sf: Client, *requests: dict[str, Any], all_or_none: bool = False) -> list[dict[str, Any]]:
    answer = sf.call("POST", "composite", {"allOrNone": all_or_none, "compositeRequest": list(requests)})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["compositeResponse"]
    return found


def records(sobject: str, *rows: dict[str, Any]) -> dict[str, Any]:
    return {"records": [{"attributes": {"type": sobject}, **row} for row in rows]}


def test_references_in_urls_and_bodies(sf: Client) -> None:
    answers = composite(
        sf,
        sub("POST", "sobjects/Account", "acc", {"Name": "A"}),
        sub("POST", "composite/sobjects", "two", records("Contact", {"LastName": "B", "AccountId": "@{acc.id}"})),
        sub("GET", "query?q=SELECT+Id,LastName+FROM+Contact+WHERE+AccountId='@{acc.id}'", "q"),
        sub("PATCH", "sobjects/Contact/@{q.records[0].Id}", "p", {"Description": "was @{q.records[0].LastName}"}),
        sub("POST", "sobjects/Case", "case", {"ContactId": "@{two[0].id}"}),
    )
    assert [a["httpStatusCode"] for a in answers] == [201, 200, 200, 204, 201]
    assert answers[0]["httpHeaders"]["Location"].endswith(answers[0]["body"]["id"])
    assert sf.stored("Contact")[0]["Description"] == "was B"
    assert sf.stored("Case")[0]["AccountId"] == answers[0]["body"]["id"]


def test_without_all_or_none_only_dependents_stop(sf: Client) -> None:
    answers = composite(
        sf,
        sub("POST", "sobjects/Account", "bad", {"Nope": 1}),
        sub("POST", "sobjects/Contact", "dep", {"LastName": "B", "AccountId": "@{bad.id}"}),
        sub("POST", "sobjects/Account", "good", {"Name": "A"}),
    )
    assert [a["httpStatusCode"] for a in answers] == [400, 400, 201]
    assert answers[0]["body"][0]["errorCode"] == "INVALID_FIELD"
    assert answers[1]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert [a["Name"] for a in sf.stored("Account")] == ["A"]


def test_all_or_none_undoes_everything(sf: Client) -> None:
    sf.add_key("Account", "Key__c")
    kept = sf.create("Account", Name="Before", Key__c="k")
    answers = composite(
        sf,
        sub("PATCH", f"sobjects/Account/{kept}", "u", {"Name": "After"}),
        sub("POST", "sobjects/Account", "c", {"Name": "New", "Key__c": "n"}),
        sub("DELETE", f"sobjects/Account/{kept}", "d"),
        sub("POST", "sobjects/Account", "bad", {}),
        sub("POST", "sobjects/Account", "never", {"Name": "Z"}),
        all_or_none=True,
    )
    assert [a["body"][0]["errorCode"] for a in answers] == [
        "PROCESSING_HALTED",
        "PROCESSING_HALTED",
        "PROCESSING_HALTED",
        "REQUIRED_FIELD_MISSING",
        "PROCESSING_HALTED",
    ]
    assert [a["Name"] for a in sf.stored("Account")] == ["Before"]
    assert sf.call("GET", "sobjects/Account/Key__c/n").status_code == 404
    assert sf.get("sobjects/Account/Key__c/k")["Name"] == "Before"


def test_limits_of_a_composite(sf: Client) -> None:
    many = [sub("GET", "limits", f"r{n}") for n in range(26)]
    assert sf.call("POST", "composite", {"compositeRequest": many}).status_code == 400
    heavy = [sub("GET", "query?q=SELECT+Id+FROM+Account", f"r{n}") for n in range(6)]
    assert sf.call("POST", "composite", {"compositeRequest": heavy}).status_code == 400
    assert sf.call("POST", "composite", {"compositeRequest": heavy[:5]}).status_code == 200


def test_batch(sf: Client) -> None:
    body = {
        "batchRequests": [
            {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": "A"}},
            {"method": "GET", "url": "v66.0/sobjects/Nope"},
        ]
    }
    answer = sf.call("POST", "composite/batch", body).get_json()
    assert answer["hasErrors"] is True
    assert [r["statusCode"] for r in answer["results"]] == [201, 404]
    assert len(sf.stored("Account")) == 1


def test_graphs_are_atomic_each(sf: Client) -> None:
    def graph(name: str, *requests: dict[str, Any]) -> dict[str, Any]:
        return {"graphId": name, "compositeRequest": list(requests)}

    good = graph(
        "g",
        sub("POST", "sobjects/Account", "a", {"Name": "A"}),
        sub("POST", "sobjects/Contact", "c", {"LastName": "C", "AccountId": "@{a.id}"}),
    )
    bad = graph("b", sub("POST", "sobjects/Account", "a", {"Name": "B"}), sub("POST", "sobjects/Contact", "c", {}))
    answers = sf.call("POST", "composite/graph", {"graphs": [good, bad]}).get_json()["graphs"]
    assert [(a["graphId"], a["isSuccessful"]) for a in answers] == [("g", True), ("b", False)]
    assert [a["Name"] for a in sf.stored("Account")] == ["A"]
    failing = [{**bad, "graphId": str(n)} for n in range(16)]
    answers = sf.call("POST", "composite/graph", {"graphs": [*failing, good]}).get_json()["graphs"]
    last = answers[-1]["graphResponse"]["compositeResponse"][0]["body"][0]
    assert last["errorCode"] == "PROCESSING_HALTED"
    query = graph("q", sub("GET", "query?q=SELECT+Id+FROM+Account", "q"))
    assert sf.call("POST", "composite/graph", {"graphs": [query]}).status_code == 400
    nodes = [sub("POST", "sobjects/Account", f"a{n}", {"Name": "A"}) for n in range(501)]
    assert sf.call("POST", "composite/graph", {"graphs": [graph("big", *nodes)]}).status_code == 400


def test_collections_report_each_record(sf: Client) -> None:
    body = records("Contact", {"LastName": "A"}, {"Email": "x"}, {"LastName": "B", "Email": "b@x.example"})
    made = sf.call("POST", "composite/sobjects", body).get_json()
    assert [row["success"] for row in made] == [True, False, True]
    assert made[1]["errors"][0].keys() == {"statusCode", "message", "fields"}
    changes = records("Contact", {"id": made[0]["id"], "Title": "T"}, {"id": "003dL0000009999", "Title": "T"})
    changed = sf.call("PATCH", "composite/sobjects", changes).get_json()
    assert [row["success"] for row in changed] == [True, False]
    ids = [made[0]["id"], "003dL0000009999AAA", made[2]["id"]]
    got = sf.call("POST", "composite/sobjects/Contact", {"ids": ids, "fields": ["Title"]}).get_json()
    assert [row and row["Title"] for row in got] == ["T", None, None]
    assert got[1] is None
    gone = sf.call("DELETE", f"composite/sobjects?ids={','.join(ids)}&allOrNone=true").get_json()
    assert gone[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert len(sf.stored("Contact")) == 2
    assert sf.call("DELETE", f"composite/sobjects?ids={ids[0]},{ids[2]}").get_json()[0]["success"] is True


def test_collection_upsert(sf: Client) -> None:
    sf.add_key("Contact", "Key__c")
    url = "composite/sobjects/Contact/Key__c"
    rows = ({"Key__c": "1", "LastName": "A"}, {"Key__c": "2", "LastName": "B"}, {"LastName": "C"})
    first = sf.call("PATCH", url, records("Contact", *rows)).get_json()
    assert [row.get("created") for row in first] == [True, True, None]
    again = sf.call("PATCH", url, {**records("Contact", *rows[:2], {"Key__c": "3"}), "allOrNone": True}).get_json()
    assert [e["errors"][0]["statusCode"] for e in again] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    doubled = sf.call("PATCH", url, records("Contact", rows[0], rows[0])).get_json()
    assert {row["errors"][0]["statusCode"] for row in doubled} == {"DUPLICATE_VALUE"}


def test_limits_of_a_collection(sf: Client) -> None:
    too_many = records("Contact", *({"LastName": "A"} for _ in range(201)))
    assert sf.refused(sf.call("POST", "composite/sobjects", too_many))["errorCode"] == "EXCEEDED_ID_LIMIT"
    kinds = [{"attributes": {"type": kind}, "LastName": "A", "Name": "A"} for kind in ("Contact", "Account") * 6]
    assert sf.call("POST", "composite/sobjects", {"records": kinds}).status_code == 400
    assert sf.call("POST", "composite/sobjects", {"records": [{"LastName": "A"}]}).status_code == 400


def test_tree(sf: Client) -> None:
    def tree(last_name: str | None) -> dict[str, Any]:
        contact = {"attributes": {"type": "Contact", "referenceId": "c"}, "LastName": last_name}
        account = {"attributes": {"type": "Account", "referenceId": "a"}, "Name": "A"}
        return {"records": [{**account, "Contacts": {"records": [contact]}}]}

    bad = sf.call("POST", "composite/tree/Account", tree(None))
    assert (bad.status_code, bad.get_json()["results"][0]["referenceId"]) == (400, "c")
    assert sf.stored("Account") == []
    good = sf.call("POST", "composite/tree/Account", tree("C"))
    assert (good.status_code, good.get_json()["hasErrors"]) == (201, False)
    assert sf.stored("Contact")[0]["AccountId"] == good.get_json()["results"][0]["id"]
