"""Reading attachments: ranges, lists with every filter, previews, and who may not."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from tests.attachments.test_uploads import PNG, photo_pool, send, submit, uploaded
from tests.support.app import Talka, Worker

from talka.infra.http.files import wanted


@pytest.mark.parametrize(
    ("header", "size", "found"),
    [
        (None, 10, None),
        ("bytes=0-", 10, range(10)),
        ("bytes=2-4", 10, range(2, 5)),
        ("Bytes = 2-400", 10, range(2, 10)),
        ("bytes=-3", 10, range(7, 10)),
        ("bytes=-30", 10, range(10)),
        ("bytes=-0", 10, range(0)),
        ("bytes=10-", 10, range(0)),
        ("bytes=0-", 0, range(0)),
        ("bytes=4-2", 10, None),
        ("bytes=0-1,3-4", 10, None),
        ("lines=0-1", 10, None),
        ("bytes=", 10, None),
        ("bytes=-", 10, None),
        ("bytes=\u0661-", 10, None),
        ("bytes=" + "9" * 30 + "-", 10, None),
    ],
)
def test_ranges(header: str | None, size: int, found: range | None) -> None:
    got = wanted(header, size)
    assert (got is None) == (found is None)
    assert list(got or ()) == list(found or ())


async def submitted(talka: Talka, pool: dict[str, Any], worker: Worker, **how: Any) -> dict[str, Any]:
    """A file as its requester gets it."""
    page = (await worker.take(pool)).json()
    number = await uploaded(worker, page, **how)
    assert (await submit(worker, page, photo=number)).status_code == 200
    found: dict[str, Any] = (await talka.requester.get(f"/api/v1/attachments/{number}")).json()
    return found


async def test_a_part_of_a_file_can_be_asked_for(talka: Talka) -> None:
    found = await submitted(talka, await photo_pool(talka), await talka.worker())
    path = f"/api/v1/attachments/{found['id']}/download"
    whole = await talka.requester.get(path)
    assert whole.headers["accept-ranges"] == "bytes"

    async def part(value: str, **conditions: str) -> httpx.Response:
        return await talka.requester.get(path, headers={"range": value, **conditions})

    got = await part("bytes=10-19")
    assert (got.status_code, got.content) == (206, PNG[10:20])
    assert (got.headers["content-range"], got.headers["content-length"]) == (f"bytes 10-19/{len(PNG)}", "10")
    assert (await part("bytes=-7")).content == PNG[-7:]
    for value in (f"bytes={len(PNG)}-", "bytes=-0"):
        refused = await part(value)
        assert (refused.status_code, refused.headers["content-range"]) == (416, f"bytes */{len(PNG)}")
        assert refused.json()["code"] == "RANGE_NOT_SATISFIABLE"
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    created = datetime.fromisoformat(found["created"]).replace(tzinfo=UTC, microsecond=0)
    assert modified == format_datetime(created, usegmt=True)
    for condition in (etag, modified):
        assert (await part("bytes=0-0", **{"if-range": condition})).status_code == 206
    for condition in ('"other"', "W/" + etag, "Thu, 01 Jan 1970 00:00:00 GMT", "nonsense", "1",
                      "Thu, 01 Jan 1970 00:00:00 +99999999999999999"):  # fmt: skip
        again = await part("bytes=0-0", **{"if-range": condition})
        assert (again.status_code, again.content) == (200, PNG)
    head = await talka.requester.head(path, headers={"range": "bytes=0-0"})
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(PNG)))
    assert head.headers["content-type"] == "image/png"


async def test_what_a_browser_has_is_not_sent_again(talka: Talka) -> None:
    found = await submitted(talka, await photo_pool(talka), await talka.worker())
    for path in (f"/api/v1/attachments/{found['id']}/download", f"/api/attachments/{found['id']}/preview"):
        etag = (await talka.requester.get(path)).headers["etag"]
        for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = await talka.requester.get(path, headers={"if-none-match": condition, "range": "bytes=0-0"})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        changed = await talka.requester.get(path, headers={"if-none-match": '"other"'})
        assert (changed.status_code, changed.content) == (200, PNG)
        stranger = await talka.stranger()
        assert (await stranger.get(path, headers={"if-none-match": "*"})).status_code == 404


async def test_lists_filter_range_sort_and_page(talka: Talka) -> None:
    first, second = await photo_pool(talka), await photo_pool(talka)
    a, b = await talka.worker(), await talka.worker()
    found = []
    for pool, worker, name in ((first, a, "x.png"), (first, b, "y.png"), (second, a, "x.png"), (first, a, "z.png")):
        found.append(await submitted(talka, pool, worker, name=name))
        await talka.advance(60)

    async def listed(**params: Any) -> tuple[list[dict[str, Any]], bool]:
        answer = await talka.requester.get("/api/v1/attachments", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"], answer.json()["has_more"]

    by_id = sorted(found, key=lambda item: str(item["id"]))
    assert await listed() == (by_id, False)
    assert await listed(limit=3) == (by_id[:3], True)
    assert await listed(sort="-id", limit=2) == (by_id[:1:-1], True)
    assert await listed(sort="created") == (found, False)
    assert await listed(sort="-created,-id") == (found[::-1], False)
    same = {"sort": "created"}
    assert await listed(name="x.png", **same) == ([found[0], found[2]], False)
    assert await listed(type="ASSIGNMENT_ATTACHMENT", **same) == (found, False)
    assert await listed(user_id=a.user_id, **same) == ([found[0], found[2], found[3]], False)
    assert await listed(pool_id=first["id"], **same) == ([found[0], found[1], found[3]], False)
    assert await listed(pool_id=first["id"], user_id=b.user_id) == ([found[1]], False)
    assert await listed(assignment_id=found[1]["details"]["assignment_id"]) == ([found[1]], False)
    assert await listed(owner_id=talka.account["requester_id"], **same) == (found, False)
    assert await listed(owner_company_id="1") == ([], False)
    assert await listed(owner_id="0" * 32) == ([], False)
    assert await listed(pool_id="999") == ([], False)
    assert await listed(id_gt=by_id[0]["id"], id_lte=by_id[2]["id"]) == (by_id[1:3], False)
    assert await listed(id_gte=by_id[1]["id"], id_lt=by_id[3]["id"]) == (by_id[1:3], False)
    moments = [item["created"] for item in found]
    assert await listed(created_gt=moments[0], created_lte=moments[2], **same) == (found[1:3], False)
    assert await listed(created_gte=moments[1], created_lt=moments[3], **same) == (found[1:3], False)


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"limit": "101", "sort": "name"}, {"limit": "VALUE_GREATER_THAN_MAX", "sort": "UNKNOWN_ENUM_VALUE"}),
        ({"type": "FILE", "name": "\0"}, {"type": "UNKNOWN_ENUM_VALUE", "name": "CHARACTER_NOT_ALLOWED"}),
        ({"id_gt": "1", "id_lte": "x" * 36}, {"id_gt": "UUID_EXPECTED", "id_lte": "UUID_EXPECTED"}),
        ({"user_id": "me", "pool_id": "x", "assignment_id": "y"},
         {"user_id": "INVALID_VALUE", "pool_id": "INVALID_VALUE", "assignment_id": "INVALID_VALUE"}),
        ({"created_gte": "soon"}, {"created_gte": "INVALID_DATE_TIME_SYNTAX"}),
    ],
)  # fmt: skip
async def test_wrong_list_requests_name_every_parameter(talka: Talka, params: Any, wrong: dict[str, str]) -> None:
    answer = await talka.requester.get("/api/v1/attachments", params=params)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
    assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong


async def test_other_accounts_and_workers_have_nothing_of_it(talka: Talka) -> None:
    found = await submitted(talka, await photo_pool(talka), await talka.worker())
    stranger, other = await talka.stranger(), await talka.worker()
    for ending in ("", "/download"):
        path = f"/api/v1/attachments/{found['id']}{ending}"
        for client, status in ((stranger, 404), (other.client, 401), (talka.anonymous(), 401)):
            assert (await client.get(path)).status_code == status
    assert (await stranger.get("/api/v1/attachments")).json() == {"items": [], "has_more": False}
    query = {"pool_id": found["details"]["pool_id"]}
    assert (await stranger.get("/api/v1/attachments", params=query)).json()["items"] == []
    preview = f"/api/attachments/{found['id']}/preview"
    for client, status in ((stranger, 404), (other.client, 404), (talka.anonymous(), 401)):
        assert (await client.get(preview)).status_code == status
    for number in ("x", "1", "0" * 32, "%00", found["id"] + "0"):
        for path in (f"/api/v1/attachments/{number}", f"/api/v1/attachments/{number}/download"):
            assert (await talka.requester.get(path)).json()["code"] == "DOES_NOT_EXIST"
        assert (await talka.requester.get(f"/api/attachments/{number}/preview")).status_code == 404


async def test_previews_are_for_the_worker_their_requester_and_signed_addresses(talka: Talka) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    sent = (await send(worker, page)).json()
    address = urlsplit(sent["url"])
    assert (address.path, set(parse_qs(address.query))) == (
        f"/api/attachments/{sent['id']}/preview",
        {"assignment", "expires", "signature"},
    )
    anyone = talka.anonymous()
    signed = f"{address.path}?{address.query}"
    got = await anyone.get(signed)
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, PNG, "image/png")
    assert got.headers["content-disposition"].startswith("inline;")
    assert (await worker.client.get(address.path)).content == PNG
    assert (await talka.requester.get(address.path)).status_code == 404
    other = (await send(worker, page)).json()["id"]
    for broken in (
        signed.replace(sent["id"], other),
        signed.replace("expires=", "expires=1"),
        signed[:-1] + ("A" if signed[-1] != "A" else "B"),
        signed.replace(page["id"], page["id"][:-1] + "0"),
    ):
        assert (await anyone.get(broken)).status_code == 401
    await submit(worker, page, photo=sent["id"])
    assert (await talka.requester.get(address.path)).content == PNG


async def test_a_preview_never_runs_anything(talka: Talka) -> None:
    worker = await talka.worker()
    pool = await photo_pool(talka)
    page = (await worker.take(pool)).json()
    for kind, shown in (
        ("text/html", False), ("image/svg+xml", False), ("application/pdf", False), ("text/xml", False),
        ("image/webp", True), ("video/mp4", True), ("audio/mpeg", True),
    ):  # fmt: skip
        number = await uploaded(worker, page, b"<script>alert(1)</script>", kind=kind, name="a")
        got = await worker.client.get(f"/api/attachments/{number}/preview")
        assert got.headers["content-disposition"].startswith("inline;" if shown else "attachment;")
        assert got.headers["content-type"] == kind
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_a_requester_cannot_have_an_address_of_a_file_signed(talka: Talka) -> None:
    """What stands in a task is signed for its workers, so it must not name other people's files."""
    found = await submitted(talka, await photo_pool(talka), await talka.worker())
    path = f"/api/attachments/{found['id']}/preview"
    pool = await talka.pool()
    items = [
        {"pool_id": pool["id"], "input_values": {"item": value}, "overlap": 1} for value in (path, f"/media/..{path}")
    ]
    await talka.requester.post("/api/v1/tasks?open_pool=true", json=items)
    page = (await (await talka.worker()).take(pool)).json()
    values = [task["input_values"]["item"] for task in page["tasks"]]
    assert path in values
    for value in values:
        assert (await talka.anonymous().get(value)).status_code in {401, 403}
