"""Files of tasks: every format, every kind of cell, every error with its row and column, batches."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka
from tests.support.bodies import project_body

from talka.app import asgi
from talka.imports import http, usecases
from talka.infra.settings import Settings
from talka.operations.jobs import run_next
from talka.tasks.usecases import SUITES, TASKS, execute

INPUTS = {
    "text": {"type": "string"},
    "whole": {"type": "integer", "required": False, "min_value": 0},
    "real": {"type": "float", "required": False},
    "yes": {"type": "boolean", "required": False},
    "link": {"type": "url", "required": False},
    "spot": {"type": "coordinates", "required": False},
    "data": {"type": "json", "required": False},
    "words": {"type": "array_string", "required": False},
    "numbers": {"type": "array_integer", "required": False},
    "spots": {"type": "array_coordinates", "required": False},
    "links": {"type": "array_url", "required": False},
    "flags": {"type": "array_boolean", "required": False},
    "objects": {"type": "array_json", "required": False},
}
VIEW = {"title_template": "x", "description_template": "y"}


async def wide_pool(talka: Talka, **changes: Any) -> dict[str, Any]:
    """A pool whose tasks have a field of each type."""
    body = project_body()
    body["task_spec"]["input_spec"] = INPUTS
    output = body["task_spec"]["output_spec"]
    body["task_spec"]["output_spec"] = {
        **output, "note": {"type": "string", "required": False}, "photo": {"type": "file", "required": False},
    }  # fmt: skip
    return await talka.pool(await talka.project(**body), **changes)


async def upload(talka: Talka, pool: dict[str, Any], content: str | bytes, form: str = "tsv", **params: Any) -> Any:
    query = {"format": form, **{name: str(value).lower() for name, value in params.items()}}
    path = f"/api/v1/pools/{pool['id']}/tasks/upload"
    raw = content.encode() if isinstance(content, str) else content
    return await talka.requester.post(path, params=query, content=raw)


async def carried_out(talka: Talka) -> None:
    while await run_next(talka.db, {TASKS: execute, SUITES: execute}):
        pass


async def listed(talka: Talka, pool: dict[str, Any], what: str = "tasks") -> list[dict[str, Any]]:
    answer = await talka.requester.get(f"/api/v1/{what}", params={"pool_id": pool["id"], "limit": 1000, "sort": "id"})
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def inputs(talka: Talka, pool: dict[str, Any], content: str | bytes, form: str = "tsv") -> list[dict[str, Any]]:
    """The input values of a good file's tasks."""
    answer = await upload(talka, pool, content, form)
    assert answer.status_code == 202, answer.text
    await carried_out(talka)
    return [task["input_values"] for task in await listed(talka, pool)]


def errors(answer: httpx.Response) -> list[tuple[int, str | None, str]]:
    assert answer.status_code == 400, answer.text
    body: Any = answer.json()
    assert body["code"] == "VALIDATION_ERROR"
    found = body["payload"]["errors"]
    assert all(error["message"] for error in found)
    assert body["payload"]["error_count"] == len(found)
    return [(error["row"], error["column"], error["code"]) for error in found]


async def test_a_file_becomes_an_operation(talka: Talka) -> None:
    pool = await talka.pool()
    head = "GOLDEN:label\tINPUT:item\tHINT:text\tTask:overlap"
    content = f"\ufeff{head}\r\n\tone\t\t\r\n\ttwo\t\t7\r\n\r\na\tthree\t\t\r\nb\tfour\tLook again\t2\r\n"
    chosen = str(uuid.uuid4())
    answer = await upload(talka, pool, content, operation_id=chosen, open_pool=True)
    assert answer.status_code == 202, answer.text
    body = answer.json()
    operation = body.pop("operations")[0]
    assert body == {
        "total_count": 4, "valid_count": 4, "not_valid_count": 0, "warnings": [], "error_count": 0, "errors": [],
        "kinds": {"general": 2, "control": 1, "training": 1},
    }  # fmt: skip
    assert (operation["id"], operation["type"], operation["status"]) == (chosen, "TASK.BATCH_CREATE", "PENDING")
    assert await listed(talka, pool) == []
    again = await upload(talka, pool, content, operation_id=chosen)
    assert (again.status_code, again.json()["code"]) == (409, "OPERATION_ALREADY_EXISTS")
    await carried_out(talka)
    tasks = {task["input_values"]["item"]: task for task in await listed(talka, pool)}
    assert {name: task["overlap"] for name, task in tasks.items()} == {"one": 3, "two": 7, "three": None, "four": 2}
    assert "known_solutions" not in tasks["one"]
    assert tasks["three"]["infinite_overlap"] is True
    known = [{"output_values": {"label": "b"}, "correctness_weight": 1}]
    assert (tasks["four"]["known_solutions"], tasks["four"]["message_on_unknown_solution"]) == (known, "Look again")
    done = (await talka.requester.get(f"/api/v1/operations/{chosen}")).json()
    assert (done["status"], done["details"]["success_count"]) == ("SUCCESS", 4)
    log = (await talka.requester.get(f"/api/v1/operations/{chosen}/log")).json()
    assert [item["input"]["__item_idx"] for item in log] == ["2", "3", "5", "6"]
    assert (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["status"] == "OPEN"


CELLS: dict[str, list[tuple[str, Any]]] = {
    "text": [("plain \\n", "plain \\n"), ('"tab\there ""q"" \\t"', 'tab\there "q" \t'), ('a "b" c', "a b c"),
             ('"two\nlines"', "two\nlines"), ("«„“”»", "«„“”»"), ("007", "007"), ("true", "true")],
    "whole": [("1", 1), (" 12 ", 12), ("007", 7)],
    "real": [("2.3", 2.3), ("-1e2", -100.0), (".5", 0.5), ("3", 3)],
    "yes": [("true", True), ("FALSE", False)],
    "link": [("https://a.example/x?y=1,2", "https://a.example/x?y=1,2"), ("www.a.example", "www.a.example")],
    "spot": [("38.71,-9.14", "38.71,-9.14")],
    "data": [('"{""a"": [1, ""x,y""]}"', {"a": [1, "x,y"]}), ('"{""a"": 1\\, ""b"": 2}"', {"a": 1, "b": 2}),
             ("5", 5), ('"{""q"": ""say \\""hi\\""""}"', {"q": 'say "hi"'})],
    "words": [("one,two", ["one", "two"]), ("a\\,b,c", ["a,b", "c"]), ('"""a,b"",c"', ["a,b", "c"]),
              ("one,", ["one", ""]), ('"[""x"",""y""]"', ["x", "y"])],
    "numbers": [("1,2", [1, 2]), ("[1,2]", [1, 2]), ("4", [4])],
    "spots": [('"""22.3,32.3"",""22.4,32.4"""', ["22.3,32.3", "22.4,32.4"])],
    "links": [('"https://a,https://b"', ["https://a", "https://b"])],
    "flags": [("true,false,true", [True, False, True])],
    "objects": [('"{""a"":1},{""b"":2}"', [{"a": 1}, {"b": 2}]),
                ('"{""a"":1\\,""c"":3},{""b"":2}"', [{"a": 1, "c": 3}, {"b": 2}]), ('"[{""a"":1}]"', [{"a": 1}])],
}  # fmt: skip


async def test_every_type_is_read_from_its_cell(talka: Talka) -> None:
    pool = await wide_pool(talka)
    names = list(CELLS)
    rows = [[""] * len(names) for _ in range(max(map(len, CELLS.values())))]
    expected: list[dict[str, Any]] = [{} for _ in rows]
    for column, (name, cells) in enumerate(CELLS.items()):
        for row, (cell, value) in enumerate(cells):
            rows[row][column], expected[row][name] = cell, value
    content = "\n".join("\t".join(row) for row in [[f"INPUT:{name}" for name in names], *rows])
    assert await inputs(talka, pool, content) == expected


WRONG = {
    "text": [("", "VALUE_REQUIRED")],
    "whole": [("1.5", "INTEGER_EXPECTED"), ("x", "INTEGER_EXPECTED"), ("-1", "VALUE_LESS_THAN_MIN"),
              ("9" * 25, "VALUE_OUT_OF_BOUNDS"), ("١", "INTEGER_EXPECTED")],
    "real": [("1,5", "FLOAT_EXPECTED"), ("nan", "FLOAT_EXPECTED"), ("1e999", "FLOAT_EXPECTED")],
    "yes": [("yes", "BOOLEAN_EXPECTED")],
    "link": [("example.org", "INVALID_URL_SYNTAX")],
    "spot": [("here", "INVALID_COORDINATES_SYNTAX"), ("91,0", "VALUE_OUT_OF_BOUNDS")],
    "data": [("{", "JSON_EXPECTED"), ("[" * 500 + "]" * 500, "INVALID_VALUE"),
             ('"""\\u0000"""', "CHARACTER_NOT_ALLOWED")],
    "numbers": [("1,x", "INTEGER_EXPECTED"), ("[1,2", "INTEGER_EXPECTED")],
    "objects": [("{", "JSON_EXPECTED")],
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_cell_is_told_by_row_and_column(talka: Talka, name: str) -> None:
    pool = await wide_pool(talka)
    names = list(dict.fromkeys(["text", name]))
    lines, expected = ["\t".join(f"INPUT:{column}" for column in names), "fine" + "\t" * (len(names) - 1)], []
    for cell, code in WRONG[name]:
        lines.append(cell if name == "text" else f"x\t{cell}")
        expected.append((len(lines), f"INPUT:{name}", code))
    if name == "text":  # an empty cell in a table of one column is an empty row
        lines = [f"{line}\t{'' if number else 'INPUT:whole'}{1 if number else ''}" for number, line in enumerate(lines)]
    answer = await upload(talka, pool, "\n".join(lines))
    assert errors(answer) == expected
    assert answer.json()["payload"]["valid_count"] == 1
    await carried_out(talka)
    assert await listed(talka, pool) == []
    assert (await talka.requester.get("/api/v1/operations")).json()["items"] == []


@pytest.mark.parametrize(
    ("head", "wrong"),
    [
        ("INPUT:item\tINPUT:items", [(1, "INPUT:items", "VALUE_NOT_ALLOWED")]),
        ("INPUT:item\tINPUT:item", [(1, "INPUT:item", "VALUE_NOT_ALLOWED")]),
        ("INPUT:item\tinput:item", [(1, "input:item", "VALUE_NOT_ALLOWED")]),
        ("INPUT:item\t", [(1, "2", "VALUE_NOT_ALLOWED")]),
        ("GOLDEN:label", [(1, "INPUT:item", "VALUE_REQUIRED")]),
        ("OUTPUT:label\tfoo", [(1, "OUTPUT:label", "VALUE_NOT_ALLOWED"), (1, "foo", "VALUE_NOT_ALLOWED"),
                               (1, "INPUT:item", "VALUE_REQUIRED")]),
        ("INPUT:Item", [(1, "INPUT:Item", "VALUE_NOT_ALLOWED"), (1, "INPUT:item", "VALUE_REQUIRED")]),
    ],
)  # fmt: skip
async def test_a_header_that_does_not_fit_refuses_the_file(talka: Talka, head: str, wrong: list[Any]) -> None:
    pool = await talka.pool()
    answer = await upload(talka, pool, f"{head}\nx\ty\n", skip_invalid_items=True)
    assert errors(answer) == wrong
    assert errors(await upload(talka, pool, f"{head}\nx\ty\n", preview=True)) == wrong


async def test_rows_that_cannot_be_read_are_told(talka: Talka) -> None:
    pool = await talka.pool()
    head = b"INPUT:item\tGOLDEN:label\n"
    broken = [
        (b"x\n", (2, None, "INVALID_VALUE")),
        (b"x\ty\tz\n", (2, None, "INVALID_VALUE")),
        (b'it"s\t\n', (2, "INPUT:item", "INVALID_VALUE")),
        (b'"x"y\t\n', (2, "INPUT:item", "INVALID_VALUE")),
        (b"\xff\t\n", (2, None, "CHARACTER_NOT_ALLOWED")),
        (b"a\0b\t\n", (2, "INPUT:item", "CHARACTER_NOT_ALLOWED")),
        (b"x\tc\n", (2, "GOLDEN:label", "VALUE_NOT_ALLOWED")),
    ]
    for row, expected in broken:
        # The one quote that is open runs on to the end of the file.
        answer = await upload(talka, pool, head + row)
        found = errors(answer)
        assert found in ([expected], [(2, None, "INVALID_VALUE")]), (row, found)
        if b'it"s' not in row:
            assert found == [expected]
    answer = await upload(talka, pool, head + b'fine\t\n"open\t\nx\ty\n')
    assert errors(answer) == [(3, None, "INVALID_VALUE")]
    text = "unexpected end of file while reading quoted column beginning on line 3 and ending on line 4"
    assert answer.json()["payload"]["errors"][0]["exception_msg"] == text
    answer = await upload(talka, pool, head + b"x\ty\tz\n")
    found = answer.json()["payload"]["errors"][0]
    assert found["parsing_error_of"] == "x\ty\tz"
    assert "(nameMapping length = 2, sourceList size = 3)" in found["exception_msg"]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"INPUT:item", b"INPUT:item\n\n", "INPUT:item\nx\n".encode("utf-16"), b"\xff\n", b"\x00", b'"'],
)
async def test_files_without_tasks_are_refused(talka: Talka, content: bytes) -> None:
    pool = await talka.pool()
    for preview in (True, False):
        answer = await upload(talka, pool, content, preview=preview)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text


async def test_invalid_rows_are_skipped_when_asked(talka: Talka) -> None:
    pool = await talka.pool()
    content = "INPUT:item\tTASK:overlap\none\t1\ntwo\t0\nthree\tx\nfour\t\n"
    expected = [(3, "TASK:overlap", "VALUE_LESS_THAN_MIN"), (4, "TASK:overlap", "INTEGER_EXPECTED")]
    assert errors(await upload(talka, pool, content)) == expected
    preview = await upload(talka, pool, content, preview=True)
    assert preview.status_code == 200
    assert [item["input_values"] for item in preview.json()["sample"]] == [{"item": "one"}, {"item": "four"}]
    assert preview.json()["error_count"] == 2
    answer = await upload(talka, pool, content, skip_invalid_items=True)
    assert answer.status_code == 202
    assert (answer.json()["valid_count"], answer.json()["not_valid_count"]) == (2, 2)
    await carried_out(talka)
    assert [task["input_values"]["item"] for task in await listed(talka, pool)] == ["one", "four"]
    bad = await upload(talka, pool, "INPUT:item\tTASK:overlap\nx\t0\n", skip_invalid_items=True)
    assert errors(bad) == [(2, "TASK:overlap", "VALUE_LESS_THAN_MIN")]


async def test_hints_without_answers_are_warned_of(talka: Talka) -> None:
    pool = await talka.pool()
    answer = await upload(talka, pool, "INPUT:item\tHINT:text\nx\ty\nz\t\n", preview=True)
    assert answer.json()["kinds"] == {"general": 1, "control": 0, "training": 1}
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["HINT_WITHOUT_ANSWER"]
    nul = await upload(talka, pool, "INPUT:item\tHINT:text\nx\ty\0\n")
    assert errors(nul) == [(2, "HINT:text", "CHARACTER_NOT_ALLOWED")]


async def test_csv(talka: Talka) -> None:
    pool = await wide_pool(talka)
    content = 'INPUT:text,INPUT:words,INPUT:whole\n"a, ""b""","x,y",1\nplain,,\n'
    assert await inputs(talka, pool, content, "csv") == [
        {"text": 'a, "b"', "words": ["x", "y"], "whole": 1}, {"text": "plain"},
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["json", "jsonl"])
async def test_json(talka: Talka, form: str) -> None:
    pool = await talka.pool()
    items: list[dict[str, Any]] = [
        {"input_values": {"item": 'one "]}\\" {[ \u2028'}, "overlap": 5, "id": "x", "__item_idx": "9"},
        {"input_values": {"item": "two"}, "known_solutions": [{"output_values": {"label": "a"}}]},
        {"INPUT:item": "three", "GOLDEN:label": "b", "TASK:overlap": "2"},
        {"input_values": {"item": "four"}, "pool_id": pool["id"], "reserved_for": ["nobody"]},
    ]
    lines = [json.dumps(item, ensure_ascii=number % 2 == 0) for number, item in enumerate(items)]
    content = "\ufeff" + (f" [\n{' , '.join(lines)}\n] \n" if form == "json" else "\r\n".join(lines))
    answer = await upload(talka, pool, content, form)
    assert answer.status_code == 202, answer.text
    await carried_out(talka)
    tasks = await listed(talka, pool)
    assert [task["input_values"]["item"] for task in tasks] == [
        items[0]["input_values"]["item"],
        "two",
        "three",
        "four",
    ]
    assert [task["overlap"] for task in tasks] == [5, None, 2, 3]
    assert tasks[3]["reserved_for"] == ["nobody"]


async def test_json_errors_name_fields(talka: Talka) -> None:
    pool = await talka.pool()
    wrong = [
        {"input_values": {"item": 1}}, {"input_values": {}}, {}, {"input_values": {"item": "x"}, "overlap": 0},
        {"input_values": {"item": "x"}, "pool_id": "1"}, {"INPUT:item": "x", "INPUT:b": "y"},
        {"input_values": {"item": "\0"}}, {"input_values": {"item": "x"}, "latitude": "1.5"},
        {"input_values": {"item": "x"}, "localization_config": json.loads('{"a":' * 100 + "1" + "}" * 100)},
    ]  # fmt: skip
    expected = [
        (1, "input_values.item", "STRING_EXPECTED"), (2, "input_values.item", "VALUE_REQUIRED"),
        (3, "input_values", "VALUE_REQUIRED"), (4, "overlap", "VALUE_LESS_THAN_MIN"),
        (5, "pool_id", "VALUE_NOT_ALLOWED"), (6, "INPUT:b", "VALUE_NOT_ALLOWED"),
        (7, "input_values.item", "CHARACTER_NOT_ALLOWED"),
        (8, "latitude", "VALUE_NOT_ALLOWED"),
    ]  # fmt: skip
    lines = [json.dumps(item) for item in wrong]
    for form, content in (("json", f"[{','.join(lines)}]"), ("jsonl", "\n".join(lines))):
        found = errors(await upload(talka, pool, content, form))
        assert found[:8] == expected
        assert (found[8][0], found[8][2], len(found)) == (9, "INVALID_VALUE", 9)
    assert errors(await upload(talka, pool, '{"input_values": {"item": "x"}}\nnull\n{', "jsonl")) == [
        (2, None, "OBJECT_EXPECTED"), (3, None, "JSON_EXPECTED"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "content",
    ["[", "[{", '[{"a": 1', '[{"a": "', "[{}", "[{},", "[{},]", "[] x", "[1]", "nul", "[[]]", "[{}] [{}]", "[{]}]",
     "{}{", "[" * 100_000, '[{"a":' * 100_000, b"[\xff]", b"[{}, \xe2\x82"],
)  # fmt: skip
async def test_broken_json_is_refused(talka: Talka, content: Any) -> None:
    pool = await talka.pool()
    answer = await upload(talka, pool, content, "json", skip_invalid_items=True)
    assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text


async def test_json_across_the_pieces_of_a_file(talka: Talka) -> None:
    pool = await talka.pool()
    words = ['\\"é\u20ac' * length for length in (1, 9_000, 30_000, 2, 40_000)]
    content = json.dumps([{"input_values": {"item": word}} for word in words], ensure_ascii=False)
    assert [value["item"] for value in await inputs(talka, pool, content, "json")] == words


async def test_suites_are_made_of_so_many_rows_or_up_to_an_empty_one(talka: Talka) -> None:
    pool = await talka.pool(mixer_config=None)
    rows = ["a\t", "b\t", "\t", "c\t2", "d\t2", "e\t2"]
    content = "\n".join(["INPUT:item\tTASK:overlap", *rows])
    for params, sizes in (({}, [1] * 5), ({"tasks_per_suite": 2}, [2, 2, 1]), ({"by_empty_row": True}, [2, 3])):
        other = await talka.pool({"id": pool["project_id"]}, mixer_config=None)
        if params == {"tasks_per_suite": 2}:
            content = content.replace("\t2", "\t")
        elif "by_empty_row" in params:
            content = "\n".join(["INPUT:item\tTASK:overlap", *rows])
        answer = await upload(talka, other, content, **params)
        assert answer.status_code == 202, answer.text
        assert [operation["type"] for operation in answer.json()["operations"]] == ["TASK_SUITE.BATCH_CREATE"]
        await carried_out(talka)
        suites = await listed(talka, other, "task-suites")
        assert [len(suite["tasks"]) for suite in suites] == sizes
        items = [task["input_values"]["item"] for suite in suites for task in suite["tasks"]]
        assert items == ["a", "b", "c", "d", "e"]
        assert suites[-1]["overlap"] == (1 if "tasks_per_suite" in params else 2)
    mixed = await upload(talka, pool, "INPUT:item\tTASK:overlap\na\t1\nb\t2\n\tx\n", tasks_per_suite=3)
    assert errors(mixed) == [
        (3, "TASK:overlap", "VALUE_NOT_ALLOWED"), (4, "TASK:overlap", "INTEGER_EXPECTED"),
        (4, "INPUT:item", "VALUE_REQUIRED"),
    ]  # fmt: skip


async def test_places_of_field_tasks(talka: Talka) -> None:
    project = await talka.project(assignments_issuing_type="MAP_SELECTOR", assignments_issuing_view_config=VIEW)
    pool = await talka.pool(project, mixer_config=None)
    for head in ("Al:latitude\tAl:longitude", "AI:latitude\tAI:longitude", "LATITUDE\tLONGITUDE"):
        answer = await upload(talka, pool, f"INPUT:item\t{head}\nx\t38.5\t-9\n", preview=True)
        assert answer.status_code == 200, answer.text
        sample = answer.json()["sample"][0]
        assert (sample["latitude"], sample["longitude"]) == (38.5, -9)
    wrong = await upload(talka, pool, "INPUT:item\tAl:latitude\nx\t91\n")
    assert errors(wrong) == [(2, "Al:latitude", "VALUE_OUT_OF_BOUNDS"), (2, "Al:longitude", "VALUE_REQUIRED")]


@pytest.mark.parametrize(
    ("params", "wrong"),
    [
        ({"format": "doc"}, {"format": "UNKNOWN_ENUM_VALUE"}),
        ({"tasks_per_suite": "0"}, {"tasks_per_suite": "VALUE_OUT_OF_BOUNDS"}),
        ({"tasks_per_suite": "x", "format": ""},
         {"tasks_per_suite": "VALUE_OUT_OF_BOUNDS", "format": "UNKNOWN_ENUM_VALUE"}),
        ({"tasks_per_suite": "2", "by_empty_row": "true"}, {"tasks_per_suite": "VALUE_NOT_ALLOWED"}),
        ({"preview": "maybe", "open_pool": "1"}, {"preview": "BOOLEAN_EXPECTED", "open_pool": "BOOLEAN_EXPECTED"}),
        ({"operation_id": "x"}, {"operation_id": "UUID_EXPECTED"}),
    ],
)  # fmt: skip
async def test_wrong_parameters_are_named(talka: Talka, params: dict[str, str], wrong: dict[str, str]) -> None:
    pool = await talka.pool(mixer_config=None)
    path = f"/api/v1/pools/{pool['id']}/tasks/upload"
    answer = await talka.requester.post(path, params={"format": "tsv", **params}, content=b"INPUT:item\nx\n")
    assert answer.status_code == 400
    assert {name: found["code"] for name, found in answer.json()["payload"].items()} == wrong


async def test_the_pool_decides(talka: Talka) -> None:
    pool = await talka.pool()
    path = f"/api/v1/pools/{pool['id']}/tasks/upload?format=tsv"
    content = b"INPUT:item\nx\n"
    assert (await (await talka.stranger()).post(path, content=content)).status_code == 404
    assert (await talka.anonymous().post(path, content=content)).status_code == 401
    answer = await upload(talka, pool, content, tasks_per_suite=2)
    assert answer.json()["payload"]["tasks_per_suite"]["code"] == "VALUE_NOT_ALLOWED"
    await talka.requester.post(f"/api/v1/pools/{pool['id']}/archive")
    archived = await upload(talka, pool, content)
    assert (archived.status_code, archived.json()["code"]) == (409, "POOL_INAPPROPRIATE_STATUS")


async def test_large_files_become_several_operations(talka: Talka, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usecases, "BATCH_TASKS", 3)
    pool = await talka.pool()
    names = [f"item {number}" for number in range(8)]
    chosen = str(uuid.uuid4())
    answer = await upload(talka, pool, "\n".join(["INPUT:item", *names]), operation_id=chosen, open_pool=True)
    assert answer.status_code == 202, answer.text
    operations = answer.json()["operations"]
    assert [operation["id"] for operation in operations] == usecases.batch_ids(chosen, 3)
    assert [operation["parameters"]["open_pool"] for operation in operations] == [False, False, True]
    await carried_out(talka)
    assert [task["input_values"]["item"] for task in await listed(talka, pool)] == names
    for operation, count in zip(operations, (3, 3, 2), strict=True):
        done = (await talka.requester.get(f"/api/v1/operations/{operation['id']}")).json()
        assert (done["status"], done["details"]["success_count"]) == ("SUCCESS", count)
    assert (await talka.requester.get(f"/api/v1/pools/{pool['id']}")).json()["status"] == "OPEN"


@pytest.mark.parametrize("form", ["tsv", "csv"])
async def test_tables_of_very_many_columns_are_refused_at_once(talka: Talka, form: str) -> None:
    pool = await talka.pool()
    delimiter = "\t" if form == "tsv" else ","
    for head in ("x" + delimiter * 1_000_000, delimiter.join(f"INPUT:{number}" for number in range(100_000))):
        answer = await upload(talka, pool, f"{head}\nx\n", form)
        assert errors(answer) == [(1, None, "ENTITY_TOO_LARGE")]
    ragged = await upload(talka, pool, "INPUT:item\n" + delimiter * 1_000_000 + "x\n", form)
    assert errors(ragged) == [(2, None, "INVALID_VALUE")]
    assert len(ragged.content) < 10_000


async def test_every_wrong_parameter_is_named(talka: Talka) -> None:
    pool = await talka.pool()
    wrong = {"format": "xls", "preview": "1", "skip_invalid_items": "", "open_pool": "yes", "by_empty_row": "no",
             "tasks_per_suite": "-1", "operation_id": "7"}  # fmt: skip
    answer = await talka.requester.post(f"/api/v1/pools/{pool['id']}/tasks/upload", params=wrong, content=b"x")
    assert {name: error["code"] for name, error in answer.json()["payload"].items()} == {
        "format": "UNKNOWN_ENUM_VALUE", "preview": "BOOLEAN_EXPECTED", "skip_invalid_items": "BOOLEAN_EXPECTED",
        "open_pool": "BOOLEAN_EXPECTED", "by_empty_row": "BOOLEAN_EXPECTED", "tasks_per_suite": "VALUE_OUT_OF_BOUNDS",
        "operation_id": "UUID_EXPECTED",
    }  # fmt: skip


async def test_two_uploads_at_once_under_one_id_create_their_tasks_once(
    talka: Talka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usecases, "BATCH_TASKS", 2)
    pool = await talka.pool()
    chosen = str(uuid.uuid4())
    content = "\n".join(["INPUT:item", *"abcde"])
    answers = await asyncio.gather(*(upload(talka, pool, content, operation_id=chosen) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"OPERATION_ALREADY_EXISTS"}
    await carried_out(talka)
    assert [task["input_values"]["item"] for task in await listed(talka, pool)] == list("abcde")


async def test_files_may_be_larger_than_other_bodies(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asgi, "MAX_FILE_BYTES", 20_000)
    settings = Settings(data=tmp_path, sandbox=True, max_body_bytes=8_000)
    async with Talka.start(database_url, settings) as talka:
        pool = await talka.pool()
        content = "INPUT:item\n" + "x" * 15_000
        assert (await upload(talka, pool, content)).status_code == 202
        for size, path in ((15_000, "/api/v1/tasks"), (25_000, f"/api/v1/pools/{pool['id']}/tasks/upload?format=tsv")):
            refused = await talka.requester.post(path, content=b"x" * size)
            assert (refused.status_code, refused.json()["code"]) == (413, "ENTITY_TOO_LARGE")

        # One that does not say how long it is, is cut where the limit is.
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(30):
                yield b"x" * 1000

        path = f"/api/v1/pools/{pool['id']}/assignments/upload/"
        refused = await talka.requester.post(path, content=pieces())
        assert (refused.status_code, refused.json()["code"]) == (413, "ENTITY_TOO_LARGE")
    assert usecases.MAX_TASKS == 1_000_000
    assert http.MAX_FILE_BYTES >= 100_000_000


@pytest.mark.parametrize("form", ["tsv", "csv", "xlsx", "json", "jsonl"])
async def test_a_template_is_a_file_of_tasks(talka: Talka, form: str) -> None:
    pool = await wide_pool(talka, mixer_config=None)
    path = f"/api/v1/pools/{pool['id']}/tasks/template"
    got = await talka.requester.get(path, params={"format": form})
    assert got.status_code == 200, got.text
    assert f"tasks_for_pool_{pool['id']}.{form}" in got.headers["content-disposition"]
    report = (await upload(talka, pool, got.content, form, preview=True)).json()
    assert (report["total_count"], report["valid_count"], report["kinds"]["general"]) == (2, 2, 2)
    values = report["sample"][0]["tasks"][0]["input_values"]
    assert set(values) == set(INPUTS)
    assert (values["text"], values["words"], values["spots"], values["flags"], values["objects"]) == (
        "Add your text here", ["Add your text here"], ["38.7139,-9.1394"], [True], [{"key": "value"}],
    )  # fmt: skip
    if form == "tsv":
        assert (await talka.requester.get(path)).content == got.content
        head = got.text.splitlines()[0].split("\t")
        assert head[-4:] == ["GOLDEN:label", "GOLDEN:note", "HINT:text", "TASK:overlap"]
        wrong = await talka.requester.get(path, params={"format": "parquet"})
        assert wrong.json()["payload"]["format"]["code"] == "UNKNOWN_ENUM_VALUE"
        assert (await (await talka.stranger()).get(path)).status_code == 404


ODD: dict[str, Any] = {
    "text": 'tab\t"quoted"\r\nnew line, \u20ac \u2028', "whole": 7, "real": -1e-7, "yes": False,
    "link": "https://a.example/?q=1,2", "spot": "38.71,-9.14",
    "data": {"k": ["\t\x01", None, {"d": 1.5}], "c": "a\\,b"},
    "words": ["a,b", ' "q"', "[x]", 'say "hi", you', "", "\\"], "numbers": [1, 2], "spots": ["1.5,2.5", "3.5,4.5"],
    "links": ["https://a.example/1,2", "www.b.example"], "flags": [True, False],
    "objects": [{"a": 1, "c": [1, 2]}, {"b": "x"}],
}  # fmt: skip


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl", "parquet"])
async def test_a_file_of_all_tasks_can_be_uploaded_again(talka: Talka, form: str) -> None:
    first = await wide_pool(talka)
    values = {**ODD, "data": {"k": 1}} if form in {"tsv", "csv"} else ODD
    known = {"known_solutions": [{"output_values": {"label": "a"}}], "message_on_unknown_solution": "Look\tagain"}
    items = [
        {"pool_id": first["id"], "input_values": values, "overlap": 2},
        {"pool_id": first["id"], "input_values": {"text": "x"}, "infinite_overlap": True, **known},
    ]
    assert (await talka.requester.post("/api/v1/tasks", json=items)).status_code == 201
    got = await talka.requester.get(f"/api/new/requester/pools/{first['id']}/tasks.{form}")
    second = await talka.pool({"id": first["project_id"]})
    assert (await upload(talka, second, got.content, form)).status_code == 202
    await carried_out(talka)
    kept = ("input_values", "overlap", "known_solutions", "message_on_unknown_solution")
    for old, new in zip(await listed(talka, first), await listed(talka, second), strict=True):
        assert {name: new.get(name) for name in kept} == {name: old.get(name) for name in kept}
