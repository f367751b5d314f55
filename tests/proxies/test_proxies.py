"""Proxies: their definitions field by field, who may use them, what goes through and what does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.app import Talka, Worker
from tests.support.bodies import project_body

from talka.infra.settings import Settings
from talka.proxies import rules

PROXIES = "/api/new/requester/proxy/proxy"
PIXELS = b"\x89PNG" + bytes(1000)


class Upstream:
    """A requester's server: what it was asked, and what it answers by path."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.url = ""

    @property
    def headers(self) -> dict[str, str]:
        return self.asked[-1][2]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    known = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("transfer-encoding") == "chunked":
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            headers = {name.lower(): value for name, value in self.headers.items()}
            known.asked.append((self.command, self.path, headers, body))
            plain = (200, {"content-type": "image/png"}, PIXELS)
            status, headers, content = known.answers.get(self.path.split("?")[0], plain)
            self.send_response(status)
            for name, value in {"content-length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - the names of the base

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        known.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield known
        server.shutdown()
        thread.join()


@pytest.fixture
async def talka(database_url: str, tmp_path: Path) -> AsyncIterator[Talka]:
    settings = Settings(data=tmp_path, sandbox=True, outbound_allowed="127.0.0.0/8")
    async with Talka.start(database_url, settings) as started:
        yield started


def body_of(url: str, access: str = "PUBLIC", name: str = "files", **params: Any) -> dict[str, Any]:
    return {"name": name, "params": {"type": "HTTP", "baseUrl": url, "accessRights": access, **params}}


async def create(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(PROXIES, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def page_with(talka: Talka, *values: str, worker: Worker | None = None) -> tuple[Worker, dict[str, Any]]:
    """A worker who holds a page of tasks with these inputs (the hidden one is `secret.png`)."""
    body = project_body()
    body["task_spec"]["input_spec"] = {
        "item": {"type": "string", "required": False},
        "link": {"type": "url", "required": False},
        "many": {"type": "array_string", "required": False},
        "json": {"type": "json", "required": False},
        "secret": {"type": "string", "required": False, "hidden": True},
    }
    pool = await talka.pool(await talka.project(**body))
    items = [
        {"pool_id": pool["id"], "input_values": {"item": value, "secret": "secret.png"}, "overlap": 1}
        for value in values
    ]
    items.append({"pool_id": pool["id"], "overlap": 1, "input_values": {
        "many": ["a", "files/many.png"], "json": "files/json.png", "link": "http://talka.example/api/proxy/files/link.png",
    }})  # fmt: skip
    answer = await talka.requester.post("/api/v1/tasks?open_pool=true", json=items)
    assert answer.status_code == 201, answer.text
    holder = worker or await talka.worker()
    return holder, (await holder.take(pool)).json()


async def test_a_proxy_is_created_listed_changed_and_removed(talka: Talka) -> None:
    full = body_of(
        "example.com/some-path", "ASSIGNMENT_PRIVATE", "test-Proxy1",
        additionalHeaders={"Authorization": ["Basic abc"]}, additionalQueryArgs={"k": ["v", "w"]},
    )  # fmt: skip
    made = await create(talka.requester, full)
    assert made == {"id": made["id"], **full}
    other = await create(talka.requester, body_of("http://example.org", name="second"))
    assert (await talka.requester.get(PROXIES)).json() == [made, other]
    path = f"{PROXIES}/{made['id']}"
    changed = await talka.requester.patch(path, json={"params": {"accessRights": "PUBLIC", "additionalHeaders": None}})
    expected = body_of("example.com/some-path", "PUBLIC", "test-Proxy1", additionalQueryArgs={"k": ["v", "w"]})
    assert (changed.status_code, changed.json()) == (200, {"id": made["id"], **expected})
    renamed = await talka.requester.patch(path, json={"name": "third"})
    assert renamed.json()["name"] == "third"
    assert (await talka.requester.patch(path, json={})).json() == renamed.json()
    taken = await talka.requester.patch(path, json={"name": "second"})
    assert (taken.status_code, taken.json()["payload"]["name"]["code"]) == (400, "VALUE_NOT_ALLOWED")
    assert (await talka.requester.get(PROXIES)).json() == [renamed.json(), other]
    assert (await talka.requester.delete(path)).status_code == 204
    assert (await talka.requester.delete(path)).status_code == 404
    assert (await talka.requester.get(PROXIES)).json() == [other]
    await create(await talka.stranger(), body_of("example.com", name="third"))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"name": None}, {"name": "VALUE_REQUIRED"}),
        ({"name": 5, "params": None}, {"name": "STRING_EXPECTED", "params": "VALUE_REQUIRED"}),
        ({"name": "a b"}, {"name": "PATTERN_MISMATCH"}),
        ({"name": "a\n"}, {"name": "PATTERN_MISMATCH"}),
        ({"name": "ы"}, {"name": "PATTERN_MISMATCH"}),
        ({"name": "x" * 65}, {"name": "PATTERN_MISMATCH"}),
        ({"params": []}, {"params": "OBJECT_EXPECTED"}),
        ({"params.type": "FTP", "params.accessRights": "ALL"},
         {"params.type": "UNKNOWN_ENUM_VALUE", "params.accessRights": "UNKNOWN_ENUM_VALUE"}),
        ({"params.type": None, "params.baseUrl": None},
         {"params.type": "VALUE_REQUIRED", "params.baseUrl": "VALUE_REQUIRED"}),
        *[({"params.baseUrl": url}, {"params.baseUrl": "INVALID_URL_SYNTAX"}) for url in (
            "", "ftp://example.com", "file:///etc/passwd", "http://", "example.com/a?b=c", "example.com/a#b", "a b.com",
            "user:secret@example.com", "example.com:99999", "http://exa\nmple.com", "exämple.com",
            "http:\\\\example.com",
        )],
        ({"params.baseUrl": "x" * 2049}, {"params.baseUrl": "STRING_LENGTH_GREATER_THAN_MAX"}),
        ({"params.additionalHeaders": {"a b": ["x"], "X": ["a\r\nb: c"], "Host": ["x"], "via": ["x"]}},
         {"params.additionalHeaders.a b": "CHARACTER_NOT_ALLOWED",
          "params.additionalHeaders.X.0": "CHARACTER_NOT_ALLOWED",
          "params.additionalHeaders.Host": "VALUE_NOT_ALLOWED", "params.additionalHeaders.via": "VALUE_NOT_ALLOWED"}),
        ({"params.additionalHeaders": {"A": "x"}, "params.additionalQueryArgs": {"b": [5]}},
         {"params.additionalHeaders.A": "ARRAY_EXPECTED", "params.additionalQueryArgs.b.0": "STRING_EXPECTED"}),
        ({"params.additionalQueryArgs": {f"k{number}": [] for number in range(51)}},
         {"params.additionalQueryArgs": "VALUE_NOT_ALLOWED"}),
    ],
)  # fmt: skip
async def test_wrong_proxies_name_every_field(talka: Talka, change: dict[str, Any], wrong: dict[str, str]) -> None:
    made = await create(talka.requester, body_of("example.com", name="right"))
    body = body_of("example.com")
    for path, value in change.items():
        place = body["params"] if "." in path else body
        place[path.rsplit(".")[-1]] = value
    for method, path in (("POST", PROXIES), ("PATCH", f"{PROXIES}/{made['id']}")):
        answer = await talka.requester.request(method, path, json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "VALIDATION_ERROR"), answer.text
        assert {path: error["code"] for path, error in answer.json()["payload"].items()} == wrong
    assert (await talka.requester.get(PROXIES)).json() == [made]


async def test_two_who_want_one_name_at_once(talka: Talka) -> None:
    stranger = await talka.stranger()
    clients = [talka.requester, stranger] * 4
    answers = await asyncio.gather(*(client.post(PROXIES, json=body_of("example.com")) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
    made = [await create(client, body_of("example.com", name=f"n{i}")) for i, client in enumerate(clients[:2])]
    answers = await asyncio.gather(*(
        client.patch(f"{PROXIES}/{proxy['id']}", json={"name": "wanted"})
        for client, proxy in zip(clients[:2], made, strict=True)
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [200, 400]


async def test_other_accounts_have_nothing_of_it(talka: Talka, upstream: Upstream) -> None:
    made = await create(talka.requester, body_of(upstream.url))
    stranger = await talka.stranger()
    assert (await stranger.get(PROXIES)).json() == []
    for number in (made["id"], "0", "x", "99999999999", "%00"):
        for method in ("PATCH", "DELETE"):
            answer = await stranger.request(method, f"{PROXIES}/{number}", json={} if method == "PATCH" else None)
            assert (answer.status_code, answer.json()["code"]) == (404, "DOES_NOT_EXIST")
    assert (await stranger.get("/api/proxy/files/a")).status_code == 404
    assert (await talka.anonymous().get("/api/proxy/files/a")).status_code == 401
    assert (await talka.requester.get("/api/proxy/files/a")).content == PIXELS
    for name in ("unknown", "%00", "a%0ab", "x" * 300):
        assert (await talka.requester.get(f"/api/proxy/{name}/a")).json()["code"] == "DOES_NOT_EXIST"
    assert len(upstream.asked) == 1


async def test_public_ones_are_for_all_workers(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(f"{upstream.url}/base/"))
    worker, page = await page_with(talka, "x")
    got = await worker.client.get("/api/proxy/files/dir/a%20b.png")
    assert (got.status_code, got.content, got.headers["content-type"]) == (200, PIXELS, "image/png")
    assert upstream.asked[0][:2] == ("GET", "/base/dir/a%20b.png")
    query = {"assignmentId": page["id"]}
    assert (await worker.client.get("/api/proxy/files/a", params=query)).status_code == 200
    # The server believes what stands there, so nobody may claim a page of somebody else.
    other = await talka.worker()
    assert (await other.client.get("/api/proxy/files/a", params=query)).status_code == 403
    assert (await other.client.get("/api/proxy/files/a")).status_code == 200


async def test_private_ones_are_for_those_who_work_for_the_owner(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(upstream.url, "PRIVATE"))
    worker, page = await page_with(talka, "x")
    idle = await talka.worker()
    assert (await worker.client.get("/api/proxy/files/a.png")).status_code == 200
    assert (await worker.client.get(f"/api/proxy/files/a.png?assignmentId={page['id']}")).status_code == 200
    refused = await idle.client.get("/api/proxy/files/a.png")
    assert (refused.status_code, refused.json()["code"]) == (403, "ACCESS_DENIED")
    for number in ("x", page["id"][:-1] + "0", ""):
        assert (await worker.client.get(f"/api/proxy/files/a.png?assignmentId={number}")).status_code == 403
    stranger = await talka.stranger()
    await create(stranger, body_of(upstream.url, "PRIVATE", "theirs"))
    assert (await worker.client.get("/api/proxy/theirs/a.png")).status_code == 403
    await worker.post(f"/assignments/{page['id']}/skip")
    assert (await worker.client.get("/api/proxy/files/a.png")).status_code == 403


async def test_the_closest_ones_are_for_files_that_stand_in_the_page(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(upstream.url, "ASSIGNMENT_PRIVATE"))
    worker, page = await page_with(talka, "proxy/files/dir/one.png", "files/two.png", "three.png", worker=None)
    other, _ = await page_with(talka, "/files/four.png", "five")
    mine = {"dir/one.png": 200, "two.png": 200, "three.png": 200, "many.png": 200}
    for path, status in {**mine, "four.png": 403, "secret.png": 403, "json.png": 403, "one.png": 403}.items():
        assert (await worker.client.get(f"/api/proxy/files/{path}")).status_code == status, path
        expected = status if path in mine else 403
        named = await worker.client.get(f"/api/proxy/files/{path}", params={"assignmentId": page["id"]})
        assert named.status_code == expected
    assert (await other.client.get("/api/proxy/files/four.png")).status_code == 200
    assert (await other.client.get("/api/proxy/files/three.png")).status_code == 403
    await talka.advance(700)
    assert (await worker.client.get("/api/proxy/files/two.png")).status_code == 403


async def test_what_is_sent_on_and_what_is_not(talka: Talka, upstream: Upstream) -> None:
    params: Any = {"additionalHeaders": {"Authorization": ["Basic abc"], "X-Two": ["a", "b"]},
              "additionalQueryArgs": {"key": ["secret"], "two": ["a", "b"]}}  # fmt: skip
    await create(talka.requester, body_of(upstream.url, **params))
    worker = await talka.worker()
    worker.client.cookies.set("a", "b")
    dropped = {
        "x-csrf-token": "x", "x-forwarded-for": "1.1.1.1", "x-forwarded-for-y": "x", "x-real-ip": "1.1.1.1",
        "cf-connecting-ip": "1.1.1.1", "x-forwarded-proto": "https", "referer": "http://talka.example/tasks?id=1",
    }  # fmt: skip
    kept = {"range": "bytes=0-1", "x-own": "1", "accept": "image/*", "if-none-match": '"x"'}
    await worker.client.get("/api/proxy/files/a?b=1&key=mine&b=2", headers={**dropped, **kept})
    method, path, headers, body = upstream.asked[0]
    assert (method, path, body) == ("GET", "/a?b=1&b=2&key=secret&two=a&two=b", b"")
    assert not set(headers) & {*dropped, "cookie"}
    assert {name: headers[name] for name in kept} == kept
    assert (headers["authorization"], headers["x-two"], headers["host"]) == ("Basic abc", "a, b", upstream.url[7:])
    # What cannot be sent on is left out.
    assert (await worker.client.get("/api/proxy/files/a", headers={b"x-own": "\u00e9".encode()})).status_code == 200
    assert "x-own" not in upstream.asked.pop()[2]
    sent = await worker.client.post("/api/proxy/files/save", json={"x": 1})
    assert sent.status_code == 200
    method, path, headers, body = upstream.asked[1]
    assert (method, body, headers["content-type"]) == ("POST", b'{"x":1}', "application/json")
    head = await worker.client.head("/api/proxy/files/a")
    assert (head.status_code, head.content) == (200, b"")
    assert upstream.asked[2][0] == "HEAD"
    assert (await worker.client.delete("/api/proxy/files/a")).status_code == 405


async def test_what_comes_back_and_what_does_not(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(upstream.url))
    worker = await talka.worker()
    evil = {
        "set-cookie": "talka_worker=x", "clear-site-data": "*", "x-accel-redirect": "/secret", "refresh": "0; url=x",
        "access-control-allow-origin": "*", "strict-transport-security": "max-age=1", "etag": '"e"',
        "cache-control": "public, max-age=9", "content-type": "text/html; charset=utf-8", "keep-alive": "x",
    }  # fmt: skip
    upstream.answers["/page"] = (200, evil, b"<script>")
    got = await worker.client.get("/api/proxy/files/page")
    assert (got.content, got.headers["content-type"], got.headers["etag"]) == (b"<script>", "text/plain", '"e"')
    assert not set(got.headers) & (set(evil) - {"etag", "content-type", "cache-control"})
    assert got.headers["cache-control"] == "private, max-age=300"
    assert (got.headers["x-content-type-options"], got.headers["vary"]) == ("nosniff", "Authorization, Cookie")
    for kind, passed in (
        ("image/jpeg", "image/jpeg"), ("IMAGE/PNG", "IMAGE/PNG"), ("audio/x-anything", "audio/x-anything"),
        ("application/json; charset=utf-8", "application/json; charset=utf-8"), ("image/svg+xml", "text/plain"),
        ("text/javascript", "text/plain"), ("video/mp4", "video/mp4"), ("nonsense", "text/plain"),
    ):  # fmt: skip
        upstream.answers["/kind"] = (200, {"content-type": kind, "cache-control": "no-store"}, b"x")
        got = await worker.client.get("/api/proxy/files/kind")
        assert (got.headers["content-type"], got.headers["cache-control"]) == (passed, "no-store")
    upstream.answers["/part"] = (206, {"content-range": "bytes 0-0/5", "content-type": "video/mp4"}, b"x")
    got = await worker.client.get("/api/proxy/files/part")
    assert (got.status_code, got.headers["content-range"]) == (206, "bytes 0-0/5")
    upstream.answers["/bad"] = (404, {"content-type": "application/json"}, b'{"no": 1}')
    got = await worker.client.get("/api/proxy/files/bad")
    assert (got.status_code, got.json()) == (404, {"no": 1})


async def test_servers_that_fail_are_told_as_such(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(upstream.url))
    await create(talka.requester, body_of("http://127.0.0.1:1", name="nobody"))
    worker = await talka.worker()
    upstream.answers["/moved"] = (302, {"location": "http://169.254.169.254/latest"}, b"")
    upstream.answers["/large"] = (200, {"content-length": str(rules.MAX_BYTES + 1)}, b"x")
    for path in ("files/moved", "files/large", "nobody/a"):
        got = await worker.client.get(f"/api/proxy/{path}")
        assert (got.status_code, got.json()["code"]) == (503, "REMOTE_SERVICE_UNAVAILABLE"), path
        assert "127.0.0.1" not in got.text


async def test_nothing_private_is_reached_unless_the_operator_allows_it(
    database_url: str, tmp_path: Path, upstream: Upstream
) -> None:
    async with Talka.start(database_url, Settings(data=tmp_path, sandbox=True)) as talka:
        worker = await talka.worker()
        port = upstream.url.rsplit(":", maxsplit=1)[-1]
        hosts = ("127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1")
        for number, host in enumerate(hosts):
            answer = await talka.requester.post(PROXIES, json=body_of(f"http://{host}:{port}", name=f"n{number}"))
            if answer.status_code == 400:
                continue
            got = await worker.client.get(f"/api/proxy/n{number}/a")
            assert (got.status_code, got.json()["code"]) == (503, "REMOTE_SERVICE_UNAVAILABLE")
    assert upstream.asked == []


@pytest.mark.parametrize("path", ["../a", "a/../../b", "%2e%2e/a", "..%2fa", "a/%2e", "..%5Ca", "a%5c..%5cb"])
async def test_a_path_never_leaves_the_base_address(talka: Talka, upstream: Upstream, path: str) -> None:
    await create(talka.requester, body_of(f"{upstream.url}/base"))
    worker = await talka.worker()
    scope_path = f"/api/proxy/files/{path}"
    request = httpx.Request("GET", httpx.URL("http://talka.test").copy_with(raw_path=scope_path.encode()),
                            headers=worker.client.headers)  # fmt: skip
    got = await worker.client.send(request)
    assert got.status_code == 404, got.text
    assert upstream.asked == []


async def interface_with(talka: Talka, *values: str) -> tuple[Worker, dict[str, Any]]:
    """A worker who holds a page whose interface speaks of proxies."""
    body = project_body()
    body["task_spec"]["input_spec"] = {"item": {"type": "string", "required": False}}
    view = {"type": "classic", "markup": "<img src={{proxy item}}>", "script": "", "styles": ""}
    body["task_spec"]["view_spec"] = view
    pool = await talka.pool(await talka.project(**body))
    items = [{"pool_id": pool["id"], "input_values": {"item": value}, "overlap": 1} for value in values]
    answer = await talka.requester.post("/api/v1/tasks?open_pool=true", json=items)
    assert answer.status_code == 201, answer.text
    holder = await talka.worker()
    return holder, (await holder.take(pool)).json()


async def test_frames_without_cookies_come_with_the_ticket_of_their_page(talka: Talka, upstream: Upstream) -> None:
    for access in ("ASSIGNMENT_PRIVATE", "PRIVATE", "PUBLIC"):
        await create(talka.requester, body_of(upstream.url, access, access.split("_")[0].lower()))
    worker, page = await interface_with(talka, "assignment/a.png")
    other, others = await interface_with(talka, "b.png")
    frame, query = talka.anonymous(), page["proxy"]["query"]
    assert page["proxy"]["url"].endswith("/api/proxy/")
    assert (await worker.get(f"/assignments/{page['id']}")).json()["proxy"]["query"].split("&")[0] == query.split("&")[
        0
    ]

    async def status(path: str, query: str) -> int:
        return (await frame.get(f"/api/proxy/{path}?{query}")).status_code

    for path, expected in (("assignment/a.png", 200), ("assignment/b.png", 403), ("private/x", 200), ("public/x", 200)):
        assert await status(path, query) == expected, path
    assert {path for _, path, _, _ in upstream.asked} == {
        f"/{name}?assignmentId={page['id']}" for name in ("a.png", "x")
    }
    assert await status("unknown/x", query) == 404
    number, ticket = query.split("&")
    moment = int(ticket.split("=")[1].split(".")[0])
    for broken in (
        "", number, ticket, f"{number}&{ticket[:-1]}", f"{number}&{ticket.replace(str(moment), str(moment + 1))}",
        f"assignmentId={others['id']}&{ticket}", f"{number}&talka_ticket=1.x", f"{number}&talka_ticket=%ff%00",
    ):  # fmt: skip
        assert await status("public/x", broken) == 401, broken
    # A ticket gives no more than the page: neither its worker's other pages nor those of other requesters.
    stranger = await talka.stranger()
    await create(stranger, body_of(upstream.url, "PRIVATE", "theirs"))
    assert await status("theirs/x", query) == 403
    preview = f"/api/attachments/{'0' * 8}-0000-4000-8000-{'0' * 12}/preview?{query}"
    assert (await frame.get(preview)).status_code == 401
    await talka.requester.post(f"/api/v1/pools/{page['pool_id']}/close")
    await worker.post(f"/assignments/{page['id']}/skip")
    assert [await status(f"{name}/a.png", query) for name in ("assignment", "private", "public")] == [403, 403, 200]
    assert "proxy" not in (await worker.get(f"/assignments/{page['id']}")).json()
    assert (await other.client.get("/api/proxy/private/x")).status_code == 200


async def test_inputs_that_are_addresses_of_proxies_reach_workers_with_a_ticket(
    talka: Talka, upstream: Upstream
) -> None:
    await create(talka.requester, body_of(upstream.url, "ASSIGNMENT_PRIVATE"))
    values = [
        "/api/proxy/files/a%20b.png",
        "/api/proxy/files/c.png?size=2#x",
        "files/d.png",
        "https://e.org/api/proxy/f",
    ]
    _, page = await page_with(talka, values[0], worker=None)
    (shown,) = (task["input_values"]["item"] for task in page["tasks"] if "item" in task["input_values"])
    assert shown.startswith(f"{values[0]}?assignmentId={page['id']}&talka_ticket=")
    assert "proxy" not in page
    got = await talka.anonymous().get(shown)
    assert (got.status_code, got.content) == (200, PIXELS)
    assert upstream.asked[0][1] == f"/a%20b.png?assignmentId={page['id']}"
    _, page = await page_with(talka, *values[1:])
    found = {task["input_values"]["item"] for task in page["tasks"] if "item" in task["input_values"]}
    assert {value for value in found if "ticket" not in value} == set(values[2:])
    (signed,) = (value for value in found if "ticket" in value)
    assert signed.startswith(f"/api/proxy/files/c.png?size=2&assignmentId={page['id']}&talka_ticket=")


async def test_paths_go_on_as_they_came(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(f"{upstream.url}/base"))
    worker = await talka.worker()
    for path in ("dir/", "a%3Fb%23c.png", "a%2Bb", "d%C3%A9.png", "a//b"):
        assert (await worker.client.get(f"/api/proxy/files/{path}")).status_code == 200, path
        assert upstream.asked.pop()[1] == f"/base/{path}"


async def test_a_server_that_drips_or_says_too_little_ends(
    talka: Talka, monkeypatch: pytest.MonkeyPatch, upstream: Upstream
) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readline()).split()[1]
        try:
            if path == b"/short":
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc")
            elif path == b"/switch":
                writer.write(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nabc")
            else:
                for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100:
                    writer.write(bytes([byte]))
                    await writer.drain()
                    await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    monkeypatch.setattr(rules, "MAX_SECONDS", 1.5)
    worker = await talka.worker()
    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        await create(talka.requester, body_of(url))
        for path in ("drip", "switch"):
            started = asyncio.get_running_loop().time()
            got = await worker.client.get(f"/api/proxy/files/{path}")
            assert (got.status_code, got.json()["code"]) == (503, "REMOTE_SERVICE_UNAVAILABLE"), path
            assert asyncio.get_running_loop().time() - started < 4
        with pytest.raises(AssertionError):  # of the transport: an unfinished answer, which nobody takes for whole
            await worker.client.get("/api/proxy/files/short")


async def test_two_who_swap_names_at_once(talka: Talka) -> None:
    stranger = await talka.stranger()
    clients = [talka.requester, stranger]
    made = [await create(client, body_of("example.com", name=f"n{i}")) for i, client in enumerate(clients)]
    for _ in range(8):
        names = [proxy["name"] for proxy in made]
        answers = await asyncio.gather(*(
            client.patch(f"{PROXIES}/{proxy['id']}", json={"name": name})
            for client, proxy, name in zip(clients, made, reversed(names), strict=True)
        ))  # fmt: skip
        assert {answer.status_code for answer in answers} <= {200, 400}
        made = [(await client.get(PROXIES)).json()[0] for client in clients]


async def test_a_body_that_is_too_large_is_refused(database_url: str, tmp_path: Path, upstream: Upstream) -> None:
    settings = Settings(data=tmp_path, sandbox=True, outbound_allowed="127.0.0.0/8", max_body_bytes=10_000)
    async with Talka.start(database_url, settings) as talka:
        await create(talka.requester, body_of(upstream.url))
        worker = await talka.worker()

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(100):
                yield b"x" * 1000

        for content in (b"x" * 10_001, endless()):
            got = await worker.client.post("/api/proxy/files/a", content=content)
            assert (got.status_code, got.json()["code"]) == (413, "ENTITY_TOO_LARGE")


async def test_a_proxy_that_leads_back_here_ends(talka: Talka, upstream: Upstream) -> None:
    await create(talka.requester, body_of(upstream.url))
    worker = await talka.worker()
    await worker.client.get("/api/proxy/files/a")
    back = await worker.client.get("/api/proxy/files/a", headers={"via": upstream.headers["via"]})
    assert (back.status_code, back.json()["code"]) == (403, "ACCESS_DENIED")
    assert (await worker.client.get("/api/proxy/files/a", headers={"via": "1.1 nginx"})).status_code == 200
    assert len(upstream.asked) == 2
