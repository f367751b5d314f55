"""The archive of a pool's files: what is in it, what can be chosen, and what breaks it."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from tests.attachments.test_uploads import PNG, photo_pool, submit, uploaded
from tests.support.app import Talka

from talka.results import archive_http
from talka.results.archive import SELECTION


def path_of(pool: dict[str, Any]) -> str:
    return f"/api/new/requester/pools/{pool['id']}/attachments.zip"


async def opened(talka: Talka, pool: dict[str, Any], **params: Any) -> tuple[zipfile.ZipFile, list[dict[str, str]]]:
    """The archive, which is whole, and its table."""
    answer = await talka.requester.get(path_of(pool), params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip"), answer.text
    found = zipfile.ZipFile(io.BytesIO(answer.content))
    assert found.testzip() is None
    table = csv.DictReader(io.StringIO(found.read("manifest.tsv").decode()), delimiter="\t")
    return found, list(table)


async def test_every_submitted_file_is_in_it_with_its_place(talka: Talka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_http, "SELECTION", replace(SELECTION, default_limit=1))
    pool = await photo_pool(talka, auto_accept_solutions=False)
    big = bytes(range(256)) * 40_000
    sent: list[tuple[dict[str, Any], str, str]] = []
    for number in range(3):
        worker = await talka.worker()
        page = (await worker.take(pool)).json()
        photo = await uploaded(worker, page, PNG + bytes([number]), name="a b \u0444.png")
        more = await uploaded(worker, page, big, name="more.bin", kind="")
        await uploaded(worker, page, b"never named")
        assert (await submit(worker, page, photo=photo, more=[more])).status_code == 200
        sent.append((page, photo, more))
    held = await talka.worker()
    await uploaded(held, (await held.take(pool)).json(), b"not submitted")
    answer = await talka.requester.get(path_of(pool))
    assert answer.headers["content-disposition"] == f'attachment; filename="attachments_from_pool_{pool["id"]}.zip"'
    found, table = await opened(talka, pool)
    names = [f"{page['id']}/{number}" for page, photo, more in sent for number in (photo, more)]
    assert found.namelist() == [*names, "manifest.tsv"]
    assert [found.read(f"{page['id']}/{photo}") for page, photo, _ in sent] == [PNG + bytes([n]) for n in range(3)]
    assert found.read(f"{sent[0][0]['id']}/{sent[0][2]}") == big
    page, photo, more = sent[0]
    common = {"assignment_id": page["id"], "task_id": page["tasks"][0]["id"]}
    assert table[:2] == [
        {**common, "field": "photo", "attachment_id": photo, "name": "a b \u0444.png", "media_type": "image/png",
         "size": str(len(PNG) + 1), "path": f"{page['id']}/{photo}"},
        {**common, "field": "more", "attachment_id": more, "name": "more.bin",
         "media_type": "application/octet-stream", "size": str(len(big)), "path": f"{page['id']}/{more}"},
    ]  # fmt: skip
    assert len(table) == 6

    chosen = {"status": "ACCEPTED", "public_comment": "ok"}
    await talka.requester.patch(f"/api/v1/assignments/{sent[1][0]['id']}", json=chosen)

    async def folders(**params: Any) -> list[str]:
        return list(dict.fromkeys(row["assignment_id"] for row in (await opened(talka, pool, **params))[1]))

    everybody = [page["id"] for page, _, _ in sent]
    assert await folders(status="APPROVED") == everybody[1:2]
    assert await folders(status="SUBMITTED,APPROVED", limit="1", sort="-id") == everybody
    assert await folders(status="REJECTED") == []
    assert await folders(assignment_id=",".join(everybody[:2])) == everybody[:2]
    created = [(await talka.requester.get(f"/api/v1/assignments/{one}")).json()["created"] for one in everybody]
    assert await folders(startTimeFrom=created[1], startTimeTo=created[1]) == everybody[1:2]
    assert await folders(startTimeFrom="2999-01-01") == []


async def test_a_pool_without_files_and_a_far_future(talka: Talka) -> None:
    pool = await photo_pool(talka)
    await talka.advance(99 * 366 * 86_400)
    found, table = await opened(talka, pool)
    assert (found.namelist(), table) == (["manifest.tsv"], [])


async def test_wrong_choices_and_strangers(talka: Talka) -> None:
    pool = await photo_pool(talka)
    wrong = {"status": "ACTIVE", "assignment_id": "x", "startTimeFrom": "soon", "startTimeTo": "\0"}
    answer = await talka.requester.get(path_of(pool), params=wrong)
    assert (answer.status_code, set(answer.json()["payload"])) == (400, set(wrong))
    stranger = await talka.stranger()
    for client, path, status in (
        (stranger, path_of(pool), 404), (talka.anonymous(), path_of(pool), 401),
        (talka.requester, path_of({"id": "x"}), 404), (talka.requester, path_of({"id": "9" * 30}), 404),
    ):  # fmt: skip
        assert (await client.get(path)).status_code == status
