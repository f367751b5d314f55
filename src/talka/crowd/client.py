"""The two sides of the API that a crowd needs: a worker who does pages, a requester who looks things up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from talka.crowd.model import Access, CrowdError, OutputValues, Page, Solutions, Spec, Submission, Task
from talka.crowd.people import password_of
from talka.crowd.transport import Refusal, Transport

_WORKER = "/api/worker/v1"
_REQUESTER = "/api/v1"
_TASKS_AT_ONCE = 5000
_ASSIGNMENTS_AT_ONCE = 1000


class WorkerClient:
    """One signed-in worker.

    Calls whose answer was lost are repeated by the transport. A repeated submit carries the same solutions,
    which the server takes as the same submit. A repeated take may leave a page behind of which the worker never
    heard; so after one (and at first, for what a killed run left) `take` looks for such pages before it asks
    for a new one.
    """

    def __init__(self, transport: Transport, login: str, user_id: str, token: str) -> None:
        self.login = login
        self.user_id = user_id
        self._transport = transport
        self._authorization = f"Bearer {token}"
        self._may_hold_pages = True

    @classmethod
    async def enter(cls, transport: Transport, login: str) -> WorkerClient:
        """Register `login` with the password that belongs to it, or sign in when it is there already.

        Raises:
            CrowdError: the login belongs to somebody else, or registration is closed and the login unknown.
        """
        credentials = {"login": login, "password": password_of(login)}
        try:
            answer = await transport.call("POST", f"{_WORKER}/register", body=credentials)
        except Refusal as refusal:
            if refusal.code not in {"CONFLICT_STATE", "ACCESS_DENIED"}:
                raise CrowdError(f"Cannot register the worker {login}: {refusal}") from None
            answer_body = await cls._sign_in(transport, credentials, closed=refusal.code == "ACCESS_DENIED")
        else:
            answer_body = answer.body
        return cls(transport, login, answer_body["user_id"], answer_body["token"])

    @staticmethod
    async def _sign_in(transport: Transport, credentials: Mapping[str, str], *, closed: bool) -> Any:
        try:
            return (await transport.call("POST", f"{_WORKER}/login", body=credentials)).body
        except Refusal as refusal:
            login = credentials["login"]
            if closed:
                raise CrowdError(
                    f"The worker {login} does not exist and open registration is off: turn it on for the first run"
                ) from None
            raise CrowdError(f"The login {login} belongs to somebody else ({refusal})") from None

    async def me(self) -> Mapping[str, Any]:
        """The worker's profile and balance."""
        body: Mapping[str, Any] = await self._call("GET", "/me")
        return body

    async def take(self, pool_id: str) -> Page:
        """A page of this pool: one already held, else a new one.

        Raises:
            Refusal: nothing for this worker, the pool is not open, or the worker may not work there.
        """
        if self._may_hold_pages:
            held = await self._held_page(pool_id)
            if held is not None:
                return held
            self._may_hold_pages = False
        try:
            answer = await self._transport.call(
                "POST", f"{_WORKER}/pools/{pool_id}/assignments", authorization=self._authorization
            )
        except Refusal as refusal:
            held = await self._page_behind(refusal, pool_id)
            if held is None:
                raise
            return held
        self._may_hold_pages = answer.repeated
        return _page(answer.body)

    async def _page_behind(self, refusal: Refusal, pool_id: str) -> Page | None:
        """The page that the worker holds already, where a refused take may have that reason."""
        if refusal.code == "TOO_MANY_ACTIVE_ASSIGNMENTS":
            return await self._first_active(refusal.payload.get("active_assignment_ids") or [], pool_id)
        return await self._held_page(pool_id) if refusal.repeated else None

    async def submit(self, page: Page, solutions: Solutions) -> Submission:
        """Hand in one answer per task, in the page's order.

        Raises:
            Refusal: an answer is not valid, or the page is no longer ACTIVE.
        """
        body = {"solutions": [{"output_values": values} for values in solutions]}
        answer = await self._call("POST", f"/assignments/{page.id}/submit", body)
        return Submission(answer["status"], answer.get("hints") or {})

    async def skip(self, page: Page) -> None:
        """Give the page back; its tasks are not offered to this worker again.

        Raises:
            Refusal: the page is no longer ACTIVE.
        """
        await self._give_up(page, "skip", "SKIPPED")

    async def exit(self, page: Page) -> None:
        """Leave the page, which expires at once.

        Raises:
            Refusal: the page is no longer ACTIVE.
        """
        await self._give_up(page, "exit", "EXPIRED")

    async def _give_up(self, page: Page, verb: str, status: str) -> None:
        try:
            answer = await self._transport.call(
                "POST", f"{_WORKER}/assignments/{page.id}/{verb}", authorization=self._authorization
            )
        except Refusal as refusal:
            # The first of two tries may have done it without being heard.
            if refusal.code != "INAPPROPRIATE_STATUS" or (await self._look(page.id))["status"] != status:
                raise
        else:
            if answer.body["status"] != status:
                raise CrowdError(f"Page {page.id} is {answer.body['status']} after a {verb}")

    async def _held_page(self, pool_id: str) -> Page | None:
        listed = await self._call("GET", "/assignments", query={"status": "ACTIVE", "limit": "100"})
        ids = [item["id"] for item in listed["items"] if item["pool_id"] == pool_id]
        return await self._first_active(ids, pool_id)

    async def _first_active(self, assignment_ids: Sequence[str], pool_id: str) -> Page | None:
        for assignment_id in assignment_ids:
            seen = await self._look(assignment_id)
            if seen["status"] == "ACTIVE" and seen["pool_id"] == pool_id:
                return _page(seen)
        return None

    async def _look(self, assignment_id: str) -> Any:
        return await self._call("GET", f"/assignments/{assignment_id}")

    async def _call(self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None) -> Any:
        answer = await self._transport.call(
            method, _WORKER + path, authorization=self._authorization, body=body, query=query
        )
        return answer.body


class RequesterReader:
    """Reads with the requester's key what people of a crowd are told beforehand: specs, truth, what is wanted."""

    def __init__(self, transport: Transport, access: Access) -> None:
        self._transport = transport
        self._authorization = f"ApiKey {access.api_key}"

    async def pool(self, pool_id: str) -> Mapping[str, Any]:
        """The pool (or training).

        Raises:
            CrowdError: the account has no such pool, or the key is not valid.
        """
        body: Mapping[str, Any] = await self._get(f"/pools/{pool_id}", f"pool {pool_id}")
        return body

    async def specs(self, project_id: str) -> tuple[Spec, Spec]:
        """The project's input and output specs."""
        project = await self._get(f"/projects/{project_id}", f"project {project_id}")
        return project["task_spec"]["input_spec"], project["task_spec"]["output_spec"]

    async def tasks(self, pool_id: str) -> AsyncIterator[Task]:
        """Every task of the pool, by id."""
        async for item in self._pages("/tasks", {"pool_id": pool_id}, _TASKS_AT_ONCE):
            yield _task(item)

    async def task(self, task_id: str) -> Task:
        """One task."""
        return _task(await self._get(f"/tasks/{task_id}", f"task {task_id}"))

    async def answered(self, pool_id: str) -> AsyncIterator[tuple[str, str]]:
        """(user id, task id) of every answer that the pool has."""
        query = {"pool_id": pool_id, "status": "SUBMITTED,ACCEPTED,REJECTED"}
        async for item in self._pages("/assignments", query, _ASSIGNMENTS_AT_ONCE):
            for task in item["tasks"]:
                yield item["user_id"], task["id"]

    async def _pages(self, path: str, query: Mapping[str, str], limit: int) -> AsyncIterator[Any]:
        after: dict[str, str] = {}
        while True:
            listed = await self._get(path, path, {**query, **after, "sort": "id", "limit": str(limit)})
            for item in listed["items"]:
                yield item
            if not listed["has_more"]:
                return
            after = {"id_gt": listed["items"][-1]["id"]}

    async def _get(self, path: str, what: str, query: Mapping[str, str] | None = None) -> Any:
        try:
            answer = await self._transport.call(
                "GET", _REQUESTER + path, authorization=self._authorization, query=query
            )
        except Refusal as refusal:
            if refusal.status == 401:
                raise CrowdError(
                    f"{self._transport.base_url} does not know this API key: mend --api-key or --data"
                ) from None
            if refusal.status == 404:
                raise CrowdError(f"There is no {what} in this account") from None
            raise CrowdError(f"Cannot read {what}: {refusal}") from None
        return answer.body


def _page(body: Mapping[str, Any]) -> Page:
    return Page(body["id"], body["pool_id"], tuple(task["id"] for task in body["tasks"]), body["output_spec"])


def _task(body: Mapping[str, Any]) -> Task:
    infinite = bool(body.get("infinite_overlap"))
    remaining = body.get("remaining_overlap")
    return Task(
        id=body["id"],
        input_values=body["input_values"],
        known=_best_known(body.get("known_solutions") or []),
        remaining_overlap=None if infinite or remaining is None else int(remaining),
        reserved_for=frozenset(body.get("reserved_for") or []),
        unavailable_for=frozenset(body.get("unavailable_for") or []),
    )


def _best_known(solutions: Sequence[Mapping[str, Any]]) -> OutputValues | None:
    """Of several known solutions the first one of the greatest weight."""
    if not solutions:
        return None
    best: OutputValues = max(solutions, key=lambda known: known.get("correctness_weight", 1) or 0)["output_values"]
    return best
