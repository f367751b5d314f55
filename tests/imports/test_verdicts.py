"""Files of verdicts: what they decide, what is wrong with them, the same file twice."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.support.app import Talka

from talka.imports import verdicts

HEAD = "ASSIGNMENT:assignment_id\tACCEPT:verdict\tACCEPT:comment"


async def submitted(talka: Talka, count: int) -> tuple[dict[str, Any], list[str]]:
    """A pool with as many pages that wait for a review, and their ids."""
    project = await talka.project(max_active_assignments_count=20)
    pool = await talka.pool(project, auto_accept_solutions=False, mixer_config={"real_tasks_count": 1})
    await talka.tasks(pool, count, overlap=1)
    worker = await talka.worker()
    ids = []
    for _ in range(count):
        page = (await worker.take(pool)).json()
        assert (await worker.submit(page)).status_code == 200
        ids.append(page["id"])
    return pool, ids


async def send(talka: Talka, pool: dict[str, Any], *rows: str, head: str = HEAD, **flags: str) -> httpx.Response:
    path = f"/api/v1/pools/{pool['id']}/assignments/upload"
    return await talka.requester.post(path, params=flags, content="\n".join([head, *rows]).encode())


async def states(talka: Talka, ids: list[str]) -> list[tuple[str, str | None]]:
    found = [(await talka.requester.get(f"/api/v1/assignments/{one}")).json() for one in ids]
    return [(one["status"], one.get("public_comment")) for one in found]


def wrong(answer: httpx.Response) -> list[tuple[int, str | None, str]]:
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "VALIDATION_ERROR"
    return [(error["row"], error["column"], error["code"]) for error in answer.json()["payload"]["errors"]]


async def test_verdicts_are_carried_out_once(talka: Talka) -> None:
    pool, ids = await submitted(talka, 4)
    rows = [
        f"{ids[0]}\t+\t",
        f"{ids[1]}\t-\tno good",
        f"{ids[1]}\t\t",
        f"{ids[2]}\t+\tfine",
        f"{ids[2]}\t+\tfine",
        "\t\t",
    ]
    counts = {"accepted_count": 2, "rejected_count": 1, "error_count": 0, "errors": []}
    preview = await send(talka, pool, *rows, preview="true")
    assert (preview.status_code, preview.json()) == (200, counts)
    assert await states(talka, ids) == [("SUBMITTED", None)] * 4
    before = (await talka.requester.get("/api/v1/requester")).json()["balance"]
    for _ in range(2):
        answer = await send(talka, pool, *rows)
        assert (answer.status_code, answer.json()) == (200, counts)
        assert [status for status, _ in await states(talka, ids)] == ["ACCEPTED", "REJECTED", "ACCEPTED", "SUBMITTED"]
        # The money of the rejected page comes back once; that of the others was held before.
        assert (await talka.requester.get("/api/v1/requester")).json()["balance"] == pytest.approx(before + 0.05)
    assert (await states(talka, ids))[1:3] == [("REJECTED", "no good"), ("ACCEPTED", "fine")]


async def test_the_results_file_comes_back_with_verdicts(talka: Talka) -> None:
    pool, ids = await submitted(talka, 2)
    path = f"/api/new/requester/pools/{pool['id']}/assignments.tsv?status=SUBMITTED&addRowDelimiter=true"
    head, *rows = (await talka.requester.get(path)).text.splitlines()
    filled = [row[: -len("\t")] + "+\t" if any(one in row for one in ids) else row for row in rows]
    answer = await send(talka, pool, *filled, head=head.replace("ACCEPT:verdict", "Accept:verdict:"))
    assert (answer.status_code, answer.json()["accepted_count"]) == (200, 2), answer.text
    assert [status for status, _ in await states(talka, ids)] == ["ACCEPTED"] * 2


async def test_errors_decide_nothing_unless_skipped(talka: Talka) -> None:
    pool, ids = await submitted(talka, 3)
    _, others = await submitted(talka, 1)
    rows = [
        f"{ids[0]}\t+\t", f"{ids[1]}\tyes\t", f"{ids[2]}\t-\t", "\t+\t", "x\t+\t", f"{others[0]}\t+\t",
        f"{ids[0]}\t-\tno", f"{ids[1]}\t-\t{'x' * 2049}", f"{ids[1]}\t-\ta\0b", f"{ids[1]}\t+",
    ]  # fmt: skip
    expected = [
        (3, "ACCEPT:verdict", "VALUE_NOT_ALLOWED"), (4, "ACCEPT:comment", "VALUE_REQUIRED"),
        (5, "ASSIGNMENT:assignment_id", "VALUE_REQUIRED"), (6, "ASSIGNMENT:assignment_id", "ENTITY_DOES_NOT_EXIST"),
        (7, "ASSIGNMENT:assignment_id", "ENTITY_DOES_NOT_EXIST"), (8, "ACCEPT:verdict", "VALUE_NOT_ALLOWED"),
        (9, "ACCEPT:comment", "STRING_LENGTH_GREATER_THAN_MAX"), (10, "ACCEPT:comment", "CHARACTER_NOT_ALLOWED"),
        (11, None, "INVALID_VALUE"),
    ]  # fmt: skip
    assert wrong(await send(talka, pool, *rows)) == expected
    # Of what contradicts itself nothing is valid; neither is there anything left to do.
    assert wrong(await send(talka, pool, *rows, skip_invalid_items="true")) == expected
    assert await states(talka, [*ids, *others]) == [("SUBMITTED", None)] * 4
    answer = await send(talka, pool, f"{ids[0]}\t+\t", f"{ids[1]}\tyes\t", skip_invalid_items="true")
    assert (answer.status_code, answer.json()["accepted_count"], answer.json()["error_count"]) == (200, 1, 1)
    assert [status for status, _ in await states(talka, ids)] == ["ACCEPTED", "SUBMITTED", "SUBMITTED"]


async def test_what_the_state_forbids_is_told_beside_what_was_done(talka: Talka) -> None:
    pool, ids = await submitted(talka, 2)
    await send(talka, pool, f"{ids[0]}\t+\t")
    missing = f"{int(pool['id']):010x}--{2**40:024x}"
    answer = await send(talka, pool, f"{ids[0]}\t-\tafter all", f"{ids[1]}\t+\t", f"{missing}\t+\t")
    body = answer.json()
    assert (answer.status_code, body["accepted_count"], body["rejected_count"]) == (200, 1, 0)
    assert [(error["row"], error["code"]) for error in body["errors"]] == [
        (2, "INAPPROPRIATE_STATUS"), (4, "DOES_NOT_EXIST"),
    ]  # fmt: skip
    assert [status for status, _ in await states(talka, ids)] == ["ACCEPTED", "ACCEPTED"]


async def test_files_that_are_none(talka: Talka, monkeypatch: pytest.MonkeyPatch) -> None:
    pool, ids = await submitted(talka, 2)
    assert wrong(await send(talka, pool, "x", head="ACCEPT:comment")) == [
        (1, "ASSIGNMENT:assignment_id", "VALUE_REQUIRED"), (1, "ACCEPT:verdict", "VALUE_REQUIRED"),
    ]  # fmt: skip
    twice = f"{HEAD}\tACCEPT:verdict:"
    assert wrong(await send(talka, pool, "x", head=twice)) == [(1, "ACCEPT:verdict", "VALUE_NOT_ALLOWED")]
    for head in ("", HEAD, '"', "\0"):
        assert (await send(talka, pool, head=head)).status_code == 400
    path = f"/api/v1/pools/{pool['id']}/assignments/upload"
    content = f"{HEAD}\n{ids[0]}\t+\t".encode()
    assert (await (await talka.stranger()).post(path, content=content)).status_code == 404
    assert (await talka.anonymous().post(path, content=content)).status_code == 401
    monkeypatch.setattr(verdicts, "MAX_VERDICTS", 1)
    assert wrong(await send(talka, pool, *(f"{one}\t+\t" for one in ids))) == [(3, None, "ENTITY_TOO_LARGE")]
    assert await states(talka, ids) == [("SUBMITTED", None)] * 2
