"""Files of workers: upload into a page they hold, every refusal, the submission that names them, what is swept."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka, Worker
from tests.support.bodies import project_body

from talka.assignments.uploads import upload
from talka.attachments.model import Limits
from talka.infra.blobs import Blobs
from talka.infra.settings import Settings
from talka.kit.errors import TalkaError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


async def photo_pool(talka: Talka, **changes: Any) -> dict[str, Any]:
    """A pool whose pages ask for a photo and take further ones."""
    body = project_body()
    body["task_spec"]["output_spec"] = {
        "photo": {"type": "file"},
        "more": {"type": "array_file", "required": False},
    }
    mixer = {"real_tasks_count": 1, "golden_tasks_count": 0, "training_tasks_count": 0}
    pool = await talka.pool(await talka.project(**body), mixer_config=mixer, **changes)
    await talka.tasks(pool, 4)
    return pool


async def send(
    worker: Worker, page: dict[str, Any], content: bytes = PNG, name: str = "a.png", kind: str = "image/png"
) -> httpx.Response:
    return await worker.client.post(
        "/api/worker/v1/attachments", data={"assignment_id": page["id"]}, files={"file": (name, content, kind)}
    )


async def uploaded(worker: Worker, page: dict[str, Any], content: bytes = PNG, **how: Any) -> str:
    answer = await send(worker, page, content, **how)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["id"]
    return number


async def submit(worker: Worker, page: dict[str, Any], **values: Any) -> httpx.Response:
    return await worker.post(f"/assignments/{page['id']}/submit", {"solutions": [{"output_values": values}]})


def stored(data: Path) -> list[str]:
    return sorted(path.name for path in (data / "attachments").rglob("*") if path.is_file())


async def rows(talka: Talka) -> int:
    async with talka.db.reading() as tx:
        return int(await tx.value("select count(*) from attachment"))


async def test_a_file_is_uploaded_submitted_and_downloaded(talka: Talka) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    answer = await send(worker, page, name="IMG 2041.JPG", kind="image/jpeg")
    sent = answer.json()
    assert answer.status_code == 201, answer.text
    assert sent == {
        "id": sent["id"], "name": "IMG 2041.JPG", "media_type": "image/jpeg", "size": len(PNG), "url": sent["url"],
    }  # fmt: skip
    path = f"/api/v1/attachments/{sent['id']}"
    # Requesters see it once it is submitted.
    assert (await talka.requester.get(path)).status_code == 404
    assert (await talka.requester.get(f"{path}/download")).status_code == 404
    assert (await talka.requester.get("/api/v1/attachments")).json() == {"items": [], "has_more": False}
    done = await submit(worker, page, photo=sent["id"])
    assert (done.status_code, done.json()["status"]) == (200, "ACCEPTED")
    shown = (await talka.requester.get(path)).json()
    assert shown == {
        "id": sent["id"],
        "attachment_type": "ASSIGNMENT_ATTACHMENT",
        "name": "IMG 2041.JPG",
        "media_type": "image/jpeg",
        "details": {"user_id": worker.user_id, "assignment_id": page["id"], "pool_id": pool["id"]},
        "owner": {"id": talka.account["requester_id"], "myself": True},
        "created": shown["created"],
    }
    assert (await talka.requester.get("/api/v1/attachments")).json() == {"items": [shown], "has_more": False}
    download = await talka.requester.get(f"{path}/download")
    assert (download.status_code, download.content) == (200, PNG)
    assert download.headers["content-type"] == "image/jpeg"
    assert download.headers["content-length"] == str(len(PNG))
    quoted = "attachment; filename=\"IMG 2041.JPG\"; filename*=UTF-8''IMG%202041.JPG"
    assert download.headers["content-disposition"] == quoted
    assert download.headers["x-content-type-options"] == "nosniff"
    assert download.headers["content-security-policy"] == "default-src 'none'; sandbox"


async def test_the_same_submission_again_changes_nothing(talka: Talka) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    photo, more = await uploaded(worker, page), await uploaded(worker, page, b"")
    first = await submit(worker, page, photo=photo, more=[more, photo])
    again = await submit(worker, page, photo=photo, more=[more, photo])
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    assert (await talka.requester.get(f"/api/v1/attachments/{more}/download")).content == b""


async def test_the_fields_may_come_the_other_way_round(talka: Talka) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    files: Any = [("file", ("a.png", PNG, "image/png")), ("assignment_id", (None, page["id"]))]
    answer = await worker.client.post("/api/worker/v1/attachments", files=files)
    assert answer.status_code == 201, answer.text
    await submit(worker, page, photo=answer.json()["id"])
    got = await talka.requester.get(f"/api/v1/attachments/{answer.json()['id']}/download")
    assert got.content == PNG


async def test_an_answer_names_only_files_of_its_own_page(talka: Talka) -> None:
    pool = await photo_pool(talka)
    worker, other = await talka.worker(), await talka.worker()
    page, others = (await worker.take(pool)).json(), (await other.take(pool)).json()
    own, foreign = await uploaded(worker, page), await uploaded(other, others)
    for wrong in (foreign, str(uuid.uuid4()), "photo.png", own.upper(), own.replace("-", ""), ""):
        answer = await submit(worker, page, photo=wrong, more=[own, wrong])
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR")
        codes = {path: error["code"] for path, error in answer.json()["payload"].items()}
        assert codes == dict.fromkeys(
            ("solutions.0.output_values.photo", "solutions.0.output_values.more.1"), "ENTITY_DOES_NOT_EXIST"
        )
    assert (await submit(worker, page, photo=5)).json()["payload"].keys() == {"solutions.0.output_values.photo"}
    assert (await submit(worker, page, photo=own)).status_code == 200
    assert (await submit(other, others, photo=own)).status_code == 400
    assert (await submit(other, others, photo=foreign)).status_code == 200


async def test_only_who_holds_the_page_uploads_and_only_in_time(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker, other = await talka.worker(), await talka.worker()
    page = (await worker.take(pool)).json()
    for client, number in ((other, page["id"]), (worker, "x"), (worker, "0" * 10 + "--" + "0" * 24)):
        refused = await send(client, {"id": number})
        assert (refused.status_code, refused.json()["code"]) == (400, "VALIDATION_ERROR")
        assert refused.json()["payload"]["assignment_id"]["code"] == "ENTITY_DOES_NOT_EXIST"
    assert (await send(Worker(talka.anonymous(), ""), page)).status_code == 401
    await talka.advance(601)
    refused = await send(worker, page)
    assert (refused.status_code, refused.json()["code"]) == (409, "INAPPROPRIATE_STATUS")
    page = (await worker.take(pool)).json()
    await worker.post(f"/assignments/{page['id']}/skip")
    assert (await send(worker, page)).json()["code"] == "INAPPROPRIATE_STATUS"
    page = (await worker.take(pool)).json()
    await submit(worker, page, photo=await uploaded(worker, page))
    assert (await send(worker, page)).json()["code"] == "INAPPROPRIATE_STATUS"
    assert len(stored(tmp_path)) == await rows(talka) == 1


@pytest.mark.parametrize(
    ("kind", "body", "status", "wrong"),
    [
        ("application/json", b"{}", 415, None),
        ("multipart/form-data", b"", 415, None),
        ("multipart/form-data; boundary=x", b"", 400, {"body"}),
        ("multipart/form-data; boundary=x", b"--x--\r\n", 400, {"assignment_id", "file"}),
        ("multipart/form-data; boundary=x", b"--x\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nabc", 400,
         {"body"}),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nabc\r\n--x--", 400, {"assignment_id", "file"}),
        ("multipart/form-data; boundary=x", b"--xyz\r\n\r\nabc\r\n--x--", 400, {"body"}),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a: b\r\n" * 5000, 400, {"body"}),
        ("multipart/form-data; boundary=x",
         b"--x\r\ncontent-disposition: form-data; name=\"assignment_id\"\r\n\r\n" + b"a" * 300 + b"\r\n--x--", 400,
         {"assignment_id"}),
        ("multipart/form-data; boundary=x",
         b"--x\r\ncontent-disposition: form-data; name=\"assignment_id\"\r\n\r\n\xff\r\n--x--", 400, {"assignment_id"}),
        ("multipart/form-data; boundary=x",
         b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nabc\r\n--x--", 400,
         {"assignment_id"}),
    ],
)  # fmt: skip
async def test_bodies_that_are_no_such_form(
    talka: Talka, kind: str, body: bytes, status: int, wrong: set[str] | None
) -> None:
    worker = await talka.worker()
    headers = {"content-type": kind}
    answer = await worker.client.post("/api/worker/v1/attachments", content=body, headers=headers)
    assert answer.status_code == status, answer.text
    if wrong is not None:
        assert answer.json()["payload"].keys() == wrong


@pytest.mark.parametrize(
    ("name", "kind", "kept", "media_type"),
    [
        ("../../etc/passwd", "", "passwd", "application/octet-stream"),
        ("C:\\Users\\me\\a.png", "IMAGE/PNG; charset=x", "a.png", "image/png"),
        ("фото.jpg", "", "фото.jpg", "image/jpeg"),
        ("a\u202egpj.exe", "text/html", "agpj.exe", "text/html"),
        ('a"; x="\r\nset-cookie: b=c.txt', "a/b\r\nx: y", "a_; x=_  set-cookie_ b=c.txt", "text/plain"),
        (".", "image", "file", "application/octet-stream"),
        ("\u00e9" * 300 + ".tar.gz", "", "\u00e9" * 98 + ".gz", "application/octet-stream"),
        ("e\u0301.png", "video/mp4", "\u00e9.png", "video/mp4"),
    ],
)
async def test_names_and_types_are_made_harmless(
    talka: Talka, name: str, kind: str, kept: str, media_type: str
) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    answer = await send(worker, page, name=name, kind=kind.replace("\r\n", " "))
    assert (answer.json()["name"], answer.json()["media_type"]) == (kept, media_type)
    assert (await submit(worker, page, photo=answer.json()["id"])).status_code == 200
    got = await talka.requester.get(f"/api/v1/attachments/{answer.json()['id']}/download")
    disposition = got.headers["content-disposition"]
    assert (got.status_code, disposition.startswith('attachment; filename="')) == (200, True)
    assert "set-cookie" not in got.headers
    assert disposition.count('"') == 2


async def test_a_page_takes_so_many_bytes_and_files(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, sandbox=True, max_attachment_bytes=25_000, max_body_bytes=5000)
    async with Talka.start(database_url, settings) as talka:
        pool = await photo_pool(talka)
        worker = await talka.worker()
        page = (await worker.take(pool)).json()
        # Longer than other bodies may be, but no longer than a page takes; two that fit one by one do not both.
        for content in (b"x" * 200_000, b"x" * 25_001):
            refused = await send(worker, page, content)
            assert (refused.status_code, refused.json()["code"]) == (413, "ENTITY_TOO_LARGE")
        both = await asyncio.gather(send(worker, page, b"x" * 15_000), send(worker, page, b"x" * 15_000))
        assert sorted(answer.status_code for answer in both) == [201, 413]
        assert (await send(worker, page, b"x" * 10_001)).status_code == 413
        await uploaded(worker, page, b"x" * 10_000)
        refused = await send(worker, page, b"")
        assert (refused.status_code, refused.json()["payload"]) == (413, {"limit": 0})
        files: Any = [("file", ("a", b"x" * 5001)), ("assignment_id", (None, page["id"]))]
        refused = await worker.client.post("/api/worker/v1/attachments", files=files)
        assert (refused.status_code, refused.json()["payload"]) == (413, {"limit": 5000})
        await talka.drain()
        assert len(stored(tmp_path)) == await rows(talka) == 2
        async with talka.db.transaction() as tx:
            await tx.execute(
                "insert into attachment (id, pool_id, assignment_id, worker_id, account_id, name, media_type, created,"
                " discard_at) select gen_random_uuid(), pool_id, assignment_id, worker_id, account_id, name,"
                " media_type, created, discard_at from (select * from attachment limit 1) f, generate_series(1, 499)"
            )
            await tx.execute("update attachment set size = 0 where size is not null")
        refused = await send(worker, page, b"x")
        assert (refused.status_code, refused.json()["code"]) == (409, "UNABLE_TO_UPLOAD_FILE")


async def test_a_worker_uploads_so_many_files_and_bytes_a_day(database_url: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, uploads_per_day=3, upload_bytes_per_day=1000)
    async with Talka.start(database_url, settings) as talka:
        pool = await photo_pool(talka)
        worker, other = await talka.worker(), await talka.worker()
        page, others = (await worker.take(pool)).json(), (await other.take(pool)).json()
        answers = await asyncio.gather(*(send(worker, page, b"x") for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429, 429]
        refused = (await send(worker, page, b"x")).json()
        wait = refused["payload"].pop("retry_in_seconds")
        assert 0 < wait <= 86_400
        known = {"limit": 3, "unit": "files", "per": "DAY", "interval": "DAY"}
        assert (refused["code"], refused["payload"]) == ("TOO_MANY_REQUESTS", known)
        await uploaded(other, others, b"x" * 1000)
        refused = (await send(other, others, b"x")).json()
        assert (refused["payload"]["limit"], refused["payload"]["unit"]) == (1000, "bytes")
        assert await rows(talka) == 4
        async with talka.db.transaction() as tx:
            await tx.execute("update upload_use set day = day - 1")
        await uploaded(worker, page, b"x")
        await uploaded(other, others, b"x")


async def test_a_worker_goes_on_elsewhere_with_the_files_of_a_page(talka: Talka) -> None:
    pool = await photo_pool(talka)
    worker, other = await talka.worker(), await talka.worker()
    page = (await worker.take(pool)).json()
    path = "/api/worker/v1/attachments"
    assert (await worker.client.get(path, params={"assignment_id": page["id"]})).json()["items"] == []
    first = (await send(worker, page, name="a.png")).json()
    second = (await send(worker, page, b"x", name="b.txt", kind="text/plain")).json()
    found = (await worker.client.get(path, params={"assignment_id": page["id"]})).json()
    shown = [{name: value for name, value in one.items() if name != "url"} for one in (first, second)]
    assert found["has_more"] is False
    assert [{name: value for name, value in one.items() if name != "url"} for one in found["items"]] == shown
    address = httpx.URL(found["items"][0]["url"])
    assert (await talka.anonymous().get(address.raw_path.decode())).content == PNG
    for client, params, code in (
        (other, {"assignment_id": page["id"]}, "ENTITY_DOES_NOT_EXIST"),
        (worker, {"assignment_id": "x"}, "ENTITY_DOES_NOT_EXIST"),
        (worker, {}, "VALUE_REQUIRED"),
    ):
        refused = await client.client.get(path, params=params)
        assert (refused.status_code, refused.json()["payload"]["assignment_id"]["code"]) == (400, code)
    assert (await talka.anonymous().get(path)).status_code == 401


@pytest.mark.parametrize(
    ("names", "kept"),
    [
        (("name=assignment_id", "name=file; filename=a.png"), "a.png"),
        (("Name = assignment_id", 'name=file;filename="a;b.png"'), "a;b.png"),
        (('name="assignment_id"', 'name="file"; filename="x"; filename*=UTF-8\'\'%D1%84%20a.png'), "\u0444 a.png"),
        (('name="assignment_id"', 'name="file"; filename=""'), "file"),
    ],
)
async def test_forms_of_other_libraries(talka: Talka, names: tuple[str, str], kept: str) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    contents = (page["id"].encode(), PNG)
    body = b"".join(
        b"--x\r\ncontent-disposition: form-data; " + name.encode() + b"\r\n\r\n" + content + b"\r\n"
        for name, content in zip(names, contents, strict=True)
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    answer = await worker.client.post("/api/worker/v1/attachments", content=body + b"--x--\r\n", headers=headers)
    assert (answer.status_code, answer.json().get("name")) == (201, kept), answer.text


async def test_what_nobody_submitted_is_swept_and_nothing_else(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker, other = await talka.worker(), await talka.worker()
    page, skipped = (await worker.take(pool)).json(), (await other.take(pool)).json()
    kept, replaced = await uploaded(worker, page), await uploaded(worker, page)
    await uploaded(other, skipped)
    await submit(worker, page, photo=kept)
    await other.post(f"/assignments/{skipped['id']}/skip")
    await talka.advance(86_000)
    assert len(stored(tmp_path)) == 3
    await talka.advance(90_000)
    assert stored(tmp_path) == [kept]
    assert await rows(talka) == 1
    await talka.advance(90 * 86_400)
    assert (await talka.requester.get(f"/api/v1/attachments/{kept}/download")).content == PNG
    assert (await talka.requester.get(f"/api/v1/attachments/{replaced}")).status_code == 404


async def test_a_process_that_dies_in_an_upload_leaves_nothing_for_long(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    started = asyncio.Event()

    async def endless() -> Any:
        yield b"x" * (6 << 20)
        started.set()
        await asyncio.Event().wait()

    async with talka.db.reading() as tx:
        number = await tx.value("select id from worker where user_id = %s", (uuid.UUID(worker.user_id),))
    blobs = Blobs.at(None, tmp_path / "attachments")
    task = asyncio.create_task(upload(talka.db, blobs, number, page["id"], "a", "", endless(), Limits(1 << 30)))
    await started.wait()
    async with talka.db.reading() as tx:
        (row,) = await tx.rows("select id, size from attachment")
    # As kill -9 leaves it: a row without size, a part of the content or all of it, nobody who tidies up.
    place = tmp_path / "attachments" / row["id"].hex[:2]
    (place / f"{row['id']}#7").write_bytes(b"part")
    (place / str(row["id"])).write_bytes(b"all")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (row["size"], await rows(talka)) == (None, 1)
    refused = await submit(worker, page, photo=str(row["id"]))
    assert refused.json()["payload"]["solutions.0.output_values.photo"]["code"] == "ENTITY_DOES_NOT_EXIST"
    await talka.advance(86_400 + 60)
    assert (stored(tmp_path), await rows(talka)) == ([], 0)


async def test_only_so_many_files_come_at_the_same_time(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    async with talka.db.reading() as tx:
        number = await tx.value("select id from worker where user_id = %s", (uuid.UUID(worker.user_id),))
    blobs, gate = Blobs.at(None, tmp_path), asyncio.Event()

    async def slow() -> Any:
        yield PNG
        await gate.wait()

    uploads = [
        asyncio.create_task(upload(talka.db, blobs, number, page["id"], "a", "", slow(), Limits(1 << 30)))
        for _ in range(25)
    ]
    ended = iter(asyncio.as_completed(uploads))
    for _ in range(5):
        with pytest.raises(TalkaError, match="20 files at the same time"):
            await next(ended)
    gate.set()
    await asyncio.wait(uploads)
    assert await rows(talka) == 20
    assert (await send(worker, page)).status_code == 201


async def test_content_that_breaks_off_leaves_nothing(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()

    async def broken() -> Any:
        yield b"x" * (6 << 20)
        raise TalkaError("UNABLE_TO_UPLOAD_FILE", "The connection broke")

    async with talka.db.reading() as tx:
        number = await tx.value("select id from worker where user_id = %s", (uuid.UUID(worker.user_id),))
    with pytest.raises(TalkaError, match="connection broke"):
        await upload(
            talka.db, Blobs.at(None, tmp_path / "attachments"), number, page["id"], "a", "", broken(), Limits(1 << 30)
        )
    await talka.drain()
    assert (stored(tmp_path), await rows(talka)) == ([], 0)


async def test_a_page_that_ends_during_the_upload_takes_the_file_no_more(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()

    async def slow() -> Any:
        yield PNG
        await worker.post(f"/assignments/{page['id']}/skip")

    async with talka.db.reading() as tx:
        number = await tx.value("select id from worker where user_id = %s", (uuid.UUID(worker.user_id),))
    blobs = Blobs.at(None, tmp_path / "attachments")
    with pytest.raises(TalkaError) as told:
        await upload(talka.db, blobs, number, page["id"], "a", "", slow(), Limits(1 << 30))
    assert told.value.code == "INAPPROPRIATE_STATUS"
    await talka.drain()
    assert (stored(tmp_path), await rows(talka)) == ([], 0)
