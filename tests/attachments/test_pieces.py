"""Files in pieces: broken connections, second clicks, two at once, what is left of those that never end."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.attachments.test_uploads import PNG, photo_pool, rows, send, stored, submit
from tests.support.app import Talka, Worker

from talka.assignments import pieces as assignment_pieces
from talka.attachments.model import Limits
from talka.infra.blobs import Blobs
from talka.infra.settings import Settings
from talka.kit.errors import TalkaError

UPLOADS = "/api/worker/v1/uploads"


async def start(worker: Worker, page: dict[str, Any], size: int = len(PNG), **more: Any) -> httpx.Response:
    body = {"assignment_id": page["id"], "size": size, "name": "a.png", "media_type": "image/png", **more}
    return await worker.client.post(UPLOADS, json=body)


async def add(worker: Worker, upload: dict[str, Any], offset: int, content: Any) -> httpx.Response:
    return await worker.client.patch(
        f"{UPLOADS}/{upload['id']}", content=content, headers={"upload-offset": str(offset)}
    )


async def pieces(talka: Talka) -> int:
    async with talka.db.reading() as tx:
        return int(await tx.value("select count(*) from attachment_piece"))


async def holder(talka: Talka) -> tuple[Worker, dict[str, Any]]:
    worker = await talka.worker()
    return worker, (await worker.take(await photo_pool(talka))).json()


async def test_a_file_comes_in_pieces_of_any_size(talka: Talka, tmp_path: Path) -> None:
    worker, page = await holder(talka)
    answer = await start(worker, page)
    begun = answer.json()
    assert (answer.status_code, begun) == (
        201,
        {"id": begun["id"], "assignment_id": page["id"], "size": len(PNG), "offset": 0},
    )
    offset = 0
    for size in (1, 5000, 0, 100):
        answer = await add(worker, begun, offset, PNG[offset : offset + size])
        offset += size
        assert (answer.status_code, answer.json()) == (200, {**begun, "offset": offset})
        assert (await worker.client.get(f"{UPLOADS}/{begun['id']}")).json() == answer.json()
    assert (await submit(worker, page, photo=begun["id"])).status_code == 400
    last = await add(worker, begun, offset, PNG[offset:])
    whole = last.json()["attachment"]
    assert (last.status_code, last.json()["offset"]) == (200, len(PNG))
    assert whole == {
        "id": begun["id"], "name": "a.png", "media_type": "image/png", "size": len(PNG), "url": whole["url"],
    }  # fmt: skip
    again = await add(worker, begun, offset, PNG[offset:])  # the answer was lost
    assert (again.status_code, again.json()["attachment"]["id"]) == (200, begun["id"])
    assert (await submit(worker, page, photo=begun["id"])).status_code == 200
    await talka.drain()
    assert (await pieces(talka), stored(tmp_path)) == (0, [begun["id"]])
    await talka.advance(3 * 86_400)
    assert (await talka.requester.get(f"/api/v1/attachments/{begun['id']}/download")).content == PNG
    assert (await add(worker, begun, 0, PNG)).json()["code"] == "INAPPROPRIATE_STATUS"


async def test_after_a_broken_connection_it_goes_on_where_the_last_piece_ended(talka: Talka, tmp_path: Path) -> None:
    worker, page = await holder(talka)
    begun = (await start(worker, page)).json()
    await add(worker, begun, 0, PNG[:6000])

    async def broken() -> Any:
        yield PNG[6000:7000]
        raise TalkaError("UNABLE_TO_UPLOAD_FILE", "The connection broke")

    blobs = Blobs.at(None, tmp_path / "attachments")
    async with talka.db.reading() as tx:
        number = await tx.value("select id from worker where user_id = %s", (uuid.UUID(worker.user_id),))
    with pytest.raises(TalkaError, match="connection broke"):
        await assignment_pieces.add(talka.db, blobs, number, begun["id"], 6000, broken(), Limits(1 << 30))
    assert (await worker.client.get(f"{UPLOADS}/{begun['id']}")).json()["offset"] == 6000
    for offset in (0, 5999, 6001, len(PNG)):
        refused = await add(worker, begun, offset, b"x")
        assert (refused.status_code, refused.json()["code"]) == (409, "CONFLICT_STATE")
        assert refused.json()["payload"] == {"offset": 6000}
    refused = await add(worker, begun, 6000, PNG[6000:] + b"x")
    assert (refused.status_code, refused.json()["code"]) == (413, "ENTITY_TOO_LARGE")
    assert (await add(worker, begun, 6000, PNG[6000:])).json()["attachment"]["size"] == len(PNG)
    assert (await submit(worker, page, photo=begun["id"])).status_code == 200
    await talka.drain()
    assert stored(tmp_path) == [begun["id"]]


async def test_of_two_pieces_from_one_place_the_first_counts(talka: Talka, tmp_path: Path) -> None:
    worker, page = await holder(talka)
    begun = (await start(worker, page)).json()
    contents = [PNG[:5000], b"y" * 5000, PNG[:3000]]
    answers = await asyncio.gather(*(add(worker, begun, 0, content) for content in contents))
    assert {answer.status_code for answer in answers} <= {200, 409}
    offset = (await worker.client.get(f"{UPLOADS}/{begun['id']}")).json()["offset"]
    assert offset in {3000, 5000}
    ends = await asyncio.gather(*(add(worker, begun, offset, PNG[offset:]) for _ in range(4)))
    assert {answer.json()["attachment"]["id"] for answer in ends if answer.status_code == 200} == {begun["id"]}
    await submit(worker, page, photo=begun["id"])
    await talka.drain()
    got = (await talka.requester.get(f"/api/v1/attachments/{begun['id']}/download")).content
    assert (got[offset:], got[:offset] in {content[:offset] for content in contents}) == (PNG[offset:], True)
    assert (await pieces(talka), stored(tmp_path)) == (0, [begun["id"]])


async def test_one_that_never_ends_or_is_given_up_leaves_nothing(talka: Talka, tmp_path: Path) -> None:
    worker, page = await holder(talka)
    left, given_up = [(await start(worker, page)).json() for _ in range(2)]
    for begun in (left, given_up):
        await add(worker, begun, 0, PNG[:100])
    assert (await worker.client.delete(f"{UPLOADS}/{given_up['id']}")).status_code == 204
    assert (await worker.client.delete(f"{UPLOADS}/{given_up['id']}")).status_code == 404
    assert (await add(worker, given_up, 100, PNG[100:])).status_code == 404
    await talka.drain()
    assert (await rows(talka), await pieces(talka), len(stored(tmp_path))) == (1, 1, 1)
    await talka.advance(19 * 3600)
    assert (await worker.client.get(f"{UPLOADS}/{left['id']}")).status_code == 404
    await talka.advance(6 * 3600)
    assert (await rows(talka), await pieces(talka), stored(tmp_path)) == (0, 0, [])


async def test_making_the_file_is_taken_up_again(talka: Talka, tmp_path: Path) -> None:
    worker, page = await holder(talka)
    begun = (await start(worker, page)).json()
    await add(worker, begun, 0, PNG[:100])
    place = tmp_path / "attachments" / begun["id"].replace("-", "")[:2]
    place.mkdir(exist_ok=True)
    wall = place / begun["id"]
    wall.mkdir()  # where the file is to be
    refused = await add(worker, begun, 100, PNG[100:])
    assert (refused.status_code, refused.json()["code"]) == (503, "REMOTE_SERVICE_UNAVAILABLE")
    shown = (await worker.client.get(f"{UPLOADS}/{begun['id']}")).json()
    assert shown["offset"] == len(PNG)
    wall.rmdir()
    assert (await add(worker, begun, len(PNG), b"")).json()["attachment"]["size"] == len(PNG)
    await submit(worker, page, photo=begun["id"])
    assert (await talka.requester.get(f"/api/v1/attachments/{begun['id']}/download")).content == PNG


async def test_room_is_kept_from_the_beginning(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sandbox=True, max_attachment_bytes=25_000)
    async with Talka.start(database_url, settings) as talka:
        worker, page = await holder(talka)
        refused = await start(worker, page, 25_001)
        assert (refused.status_code, refused.json()["payload"]) == (413, {"limit": 25_000})
        begun = (await start(worker, page, 20_000)).json()
        refused = await start(worker, page, 5_001)
        assert (refused.status_code, refused.json()["payload"]) == (413, {"limit": 5_000})
        assert (await send(worker, page, b"x" * 5_001)).status_code == 413
        assert (await send(worker, page, b"x" * 5_000)).status_code == 201
        assert (await add(worker, begun, 0, b"y" * 20_000)).json()["attachment"]["size"] == 20_000
        assert (await start(worker, page, 1)).status_code == 413


async def test_an_empty_file(talka: Talka) -> None:
    worker, page = await holder(talka)
    begun = (await start(worker, page, 0, name=None, media_type=None)).json()
    whole = (await add(worker, begun, 0, b"")).json()["attachment"]
    assert (whole["size"], whole["name"], whole["media_type"]) == (0, "file", "application/octet-stream")
    assert (await submit(worker, page, photo=begun["id"])).status_code == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"assignment_id": None}, "VALUE_REQUIRED"), ({"assignment_id": {}}, "STRING_EXPECTED"),
        ({"assignment_id": "x"}, "ENTITY_DOES_NOT_EXIST"), ({"size": None}, "VALUE_REQUIRED"),
        ({"size": "1"}, "INTEGER_EXPECTED"), ({"size": -1}, "VALUE_LESS_THAN_MIN"), ({"size": 1.5}, "INTEGER_EXPECTED"),
        ({"size": 10**30}, "VALUE_GREATER_THAN_MAX"), ({"name": 5}, "STRING_EXPECTED"),
        ({"name": "\0"}, "CHARACTER_NOT_ALLOWED"),
        ({"name": "x" * 1025}, "STRING_LENGTH_GREATER_THAN_MAX"), ({"media_type": []}, "STRING_EXPECTED"),
    ],
)  # fmt: skip
async def test_wrong_beginnings_name_the_field(talka: Talka, change: dict[str, Any], code: str) -> None:
    worker, page = await holder(talka)
    refused = (
        await start(worker, page, **{"size": 10, **change})
        if "size" not in change
        else await worker.client.post(UPLOADS, json={"assignment_id": page["id"], **change})
    )
    assert refused.status_code == 400, refused.text
    assert {path: error["code"] for path, error in refused.json()["payload"].items()} == {next(iter(change)): code}
    assert await rows(talka) == 0


async def test_strangers_and_wrong_offsets(talka: Talka) -> None:
    worker, page = await holder(talka)
    other = await talka.worker()
    begun = (await start(worker, page)).json()
    path = f"{UPLOADS}/{begun['id']}"
    for client in (other.client, worker.client):
        number = begun["id"] if client is other.client else "x"
        for method in ("GET", "PATCH", "DELETE"):
            answer = await client.request(method, f"{UPLOADS}/{number}", headers={"upload-offset": "0"})
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await other.client.post(UPLOADS, json={"assignment_id": page["id"], "size": 1})).status_code == 400
    assert (await talka.anonymous().get(path)).status_code == 401
    whole = (await send(worker, page)).json()["id"]  # which did not come in pieces
    assert (await worker.client.get(f"{UPLOADS}/{whole}")).status_code == 404
    not_a_digit = "\u0661".encode().decode("latin-1")
    for value in (None, "x", "-1", "9" * 30, not_a_digit):
        code = "VALUE_REQUIRED" if value is None else "INTEGER_EXPECTED"
        headers = {} if value is None else {"upload-offset": value.encode("latin-1")}
        refused = await worker.client.patch(path, content=b"x", headers=headers)  # type: ignore[arg-type]
        assert (refused.status_code, refused.json()["payload"]["Upload-Offset"]["code"]) == (400, code)
    await worker.post(f"/assignments/{page['id']}/skip")
    assert (await add(worker, begun, 0, b"x")).json()["code"] == "INAPPROPRIATE_STATUS"
    assert (await start(worker, page)).json()["code"] == "INAPPROPRIATE_STATUS"
