"""The storage: a folder and a real S3-compatible server keep the same promises."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from tests.attachments.test_uploads import photo_pool, submit, uploaded
from tests.support.app import Talka

from talka.app.asgi import open_blobs
from talka.infra.blobs import Blobs
from talka.infra.settings import Settings, SettingsError
from talka.kit.errors import TalkaError

BIG = b"".join(number.to_bytes(4) for number in range(3 << 20))
"""Twelve mebibytes, three parts."""


class Bucket:
    """A bucket on a server of S3, and what is in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        httpx.put(url).raise_for_status()

    def keys(self) -> list[str]:
        return [part.split("</Key>")[0] for part in httpx.get(self.url).text.split("<Key>")[1:]]

    def uploads(self) -> int:
        return httpx.get(f"{self.url}?uploads").text.count("<UploadId>")


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = (tmp_path_factory.mktemp("s3") / "log").open("wb")
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            until = time.monotonic() + 60
            while True:
                try:
                    httpx.get(f"http://127.0.0.1:{port}")
                    break
                except httpx.TransportError:
                    assert time.monotonic() < until
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Bucket:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    surroundings = {"ENDPOINT_URL": s3, "ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "y", "REGION": "us-east-1"}
    for name, value in surroundings.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return Bucket(f"{s3}/{abs(hash(request.node.name))}")


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    if request.param == "folder":
        return Blobs.at(None, tmp_path / "attachments")
    made: Bucket = request.getfixturevalue("bucket")
    return Blobs.at(f"s3://{made.url.rsplit('/')[-1]}/some/prefix", tmp_path)


async def pieces(content: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(blobs: Blobs, key: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in blobs.read(key, start, end)])


async def test_what_is_put_is_read_whole_and_in_part(blobs: Blobs) -> None:
    await blobs.put("ab/abc", pieces(BIG))
    await blobs.put("ab/empty", pieces(b""))
    assert await read(blobs, "ab/abc", 0, len(BIG)) == BIG
    for start, end in ((0, 1), (7, 6 << 20), (len(BIG) - 5, len(BIG)), (9, 9)):
        assert await read(blobs, "ab/abc", start, end) == BIG[start:end]
    assert await read(blobs, "ab/empty", 0, 0) == b""


async def test_content_that_raises_is_not_there(blobs: Blobs) -> None:
    async def broken() -> AsyncIterator[bytes]:
        async for piece in pieces(BIG):
            yield piece
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        await blobs.put("ab/abc", broken())
    with pytest.raises(TalkaError) as told:
        await read(blobs, "ab/abc", 0, 1)
    assert told.value.code == "REMOTE_SERVICE_UNAVAILABLE"
    await blobs.remove("ab/abc")


async def test_removing_twice_is_no_error(blobs: Blobs) -> None:
    await blobs.put("ab/abc", pieces(b"x"))
    await blobs.put("ab/abd", pieces(b"y"))
    await blobs.remove("ab/abc")
    await blobs.remove("ab/abc")
    with pytest.raises(TalkaError):
        await read(blobs, "ab/abc", 0, 1)
    assert await read(blobs, "ab/abd", 0, 1) == b"y"


async def test_a_worker_uploads_into_a_bucket(bucket: Bucket, database_url: str, tmp_path: Path) -> None:
    name = bucket.url.rsplit("/")[-1]
    settings = Settings(
        data=tmp_path, sandbox=True, attachments_url=f"s3://{name}/files", max_attachment_bytes=20 << 20
    )
    async with Talka.start(database_url, settings) as talka:
        pool = await photo_pool(talka)
        worker = await talka.worker()
        page = (await worker.take(pool)).json()
        photo, spare = await uploaded(worker, page, BIG), await uploaded(worker, page, b"spare")
        form = {"data": {"assignment_id": page["id"]}, "files": {"file": ("a", BIG)}}
        refused = await worker.client.post("/api/worker/v1/attachments", **form)  # type: ignore[arg-type]
        assert refused.status_code == 413
        assert bucket.uploads() == 0
        assert (await submit(worker, page, photo=photo)).status_code == 200
        path = f"/api/v1/attachments/{photo}/download"
        assert (await talka.requester.get(path)).content == BIG
        part = await talka.requester.get(path, headers={"range": "bytes=5242870-5242890"})
        assert (part.status_code, part.content) == (206, BIG[5242870:5242891])
        assert sorted(bucket.keys()) == sorted(f"files/{number[:2]}/{number}" for number in (photo, spare))
        await talka.advance(2 * 86_400)
        assert bucket.keys() == [f"files/{photo[:2]}/{photo}"]
        assert not (tmp_path / "attachments").exists()


async def test_a_storage_that_is_down_is_told_and_loses_nothing(talka: Talka, tmp_path: Path) -> None:
    pool = await photo_pool(talka)
    worker = await talka.worker()
    page = (await worker.take(pool)).json()
    photo, spare = await uploaded(worker, page), await uploaded(worker, page)
    await submit(worker, page, photo=photo)
    folder = tmp_path / "attachments"
    folder.rename(tmp_path / "away")
    folder.write_text("a file where the folder was")
    refused = await talka.requester.get(f"/api/v1/attachments/{photo}/download")
    assert (refused.status_code, refused.json()["code"]) == (503, "REMOTE_SERVICE_UNAVAILABLE")
    other = await talka.worker()
    held = (await other.take(pool)).json()
    form = {"data": {"assignment_id": held["id"]}, "files": {"file": ("a", b"x")}}
    refused = await other.client.post("/api/worker/v1/attachments", **form)  # type: ignore[arg-type]
    assert (refused.status_code, refused.json()["code"]) == (503, "REMOTE_SERVICE_UNAVAILABLE")
    await talka.advance(2 * 86_400)
    folder.unlink()
    (tmp_path / "away").rename(folder)
    await talka.advance(600)
    assert (await talka.requester.get(f"/api/v1/attachments/{photo}/download")).status_code == 200
    left = {path.name for path in folder.rglob("*") if path.is_file()}
    assert photo in left
    assert spare not in left


async def test_uploads_beside_each_other_do_not_hold_up_the_rest(talka: Talka) -> None:
    pool = await photo_pool(talka)
    people = [await talka.worker() for _ in range(6)]
    pages = [(await worker.take(pool)).json() for worker in people]
    sent = [uploaded(worker, page, BIG) for worker, page in zip(people, pages, strict=True)]
    numbers = await asyncio.gather(*sent)
    for worker, page, number in zip(people, pages, numbers, strict=True):
        assert (await submit(worker, page, photo=number)).status_code == 200
    shown = (await talka.requester.get("/api/v1/attachments")).json()["items"]
    assert {found["id"] for found in shown} == set(numbers)


@pytest.mark.parametrize("url", ["ftp://x/y", "bucket", "s3://", "http://x/y", "az://c", "file:///tmp"])
def test_addresses_that_cannot_be_used_are_named(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCOUNT_NAME", "CONNECTION_STRING"):
        monkeypatch.delenv(f"AZURE_STORAGE_{name}", raising=False)
    with pytest.raises(SettingsError, match="attachments_url"):
        open_blobs(Settings(data=tmp_path, attachments_url=url))


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "attachments").write_text("no folder")
    with pytest.raises(SettingsError, match="attachments"):
        open_blobs(Settings(data=tmp_path))
