"""Price lists, their records and assignments."""

from __future__ import annotations

from .conftest import Api, Receiver, events, subscribe

LISTS = "/v3/pricelists"


def test_prices_are_upserted_and_told_as_a_batch(api: Api, receiver: Receiver) -> None:
    number = api.post(LISTS, {"name": "Trade"})["data"]["id"]
    assert api("POST", LISTS, {"name": "TRADE"}).status_code == 409
    subscribe(api, "store/priceList/records/*", receiver.url)
    subscribe(api, "store/priceList/record/*", receiver.url)
    batch = [{"sku": "KIT-001", "currency": "gbp", "price": 7.5}, {"variant_id": 2, "currency": "eur", "price": 6}]
    written = api.put(f"{LISTS}/{number}/records", batch)["data"]
    assert [(row["variant_id"], row["currency"], row["price"]) for row in written] == [(1, "gbp", 7.5), (2, "eur", 6.0)]
    api.put(f"{LISTS}/{number}/records", [{"variant_id": 1, "currency": "gbp", "sale_price": 7}])
    one = api.put(f"{LISTS}/{number}/records/1/gbp", {"retail_price": 9})["data"]
    assert (one["price"], one["sale_price"], one["retail_price"]) == (7.5, 7.0, 9.0)
    assert [row["variant_id"] for row in api.get(f"{LISTS}/{number}/records?currency:in=eur")["data"]] == [2]
    assert api("DELETE", f"{LISTS}/{number}/records?variant_id:in=2").status_code == 204
    assert api("GET", f"{LISTS}/{number}/records/2/eur").status_code == 404
    receiver.wait(4)
    got = {event["scope"].removeprefix("store/priceList/"): event["data"] for event in events(receiver)}
    first = {"price_list_id": number, "variant_id": 1, "currency": "gbp"}
    second = {"price_list_id": number, "variant_id": 2, "currency": "eur"}
    assert got == {
        "records/created": [first, second],
        "records/updated": [first],
        "record/updated": first,
        "records/deleted": [second],
    }


def test_a_batch_is_written_whole_or_not_at_all(api: Api) -> None:
    number = api.post(LISTS, {"name": "Trade"})["data"]["id"]
    good = {"variant_id": 1, "currency": "gbp", "price": 1}
    assert api("PUT", f"{LISTS}/{number}/records", [good, {**good, "currency": "xxx"}]).status_code == 422
    assert api("PUT", f"{LISTS}/{number}/records", [good] * 1001).status_code == 413
    assert api.get(f"{LISTS}/{number}/records")["data"] == []


def test_one_list_for_a_group_in_a_channel(api: Api, receiver: Receiver) -> None:
    first, second = (api.post(LISTS, {"name": name})["data"]["id"] for name in ("A", "B"))
    subscribe(api, "store/priceList/assignment/*", receiver.url)
    place = {"customer_group_id": 1, "channel_id": 2}
    api.post(f"{LISTS}/assignments", [{"price_list_id": first, **place}])
    api.put(f"{LISTS}/{second}/assignments", place)
    rows = api.get(f"{LISTS}/assignments?customer_group_id:in=1")["data"]
    assert [row["price_list_id"] for row in rows] == [second]
    assert api("POST", f"{LISTS}/assignments", [{"price_list_id": first, "customer_group_id": 9}]).status_code == 422
    assert api("DELETE", f"{LISTS}/assignments").status_code == 422
    assert api("DELETE", f"{LISTS}/{second}").status_code == 204
    assert api.get(f"{LISTS}/assignments")["data"] == []
    receiver.wait(3)
    assert {"price_list_id": second, **place} in [event["data"] for event in events(receiver)]
    assert len(api.client.get("/_sandbox/records/price_lists").get_json()) == 1
