"""What workers call: cards, pages, their profile and money."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from talka.accounts.wire import Computed, Profile
from talka.app.openapi.assignments import Solution, Status
from talka.app.openapi.calls import Call, Calls, text
from talka.app.openapi.shapes import MAYBE, Amount, Moment, Nothing, NumberId, Page, Shape, UserId, Values, WorkId
from talka.assignments import store
from talka.infra.http.docs import Takes
from talka.infra.http.listing import ListSpec
from talka.kit.wire import Number

_Spec = dict[str, Any]


class PageTask(Shape):
    """A task as its worker sees it: without hidden inputs."""

    id: WorkId
    input_values: Values


class ProxyAccess(Shape):
    """What addresses of proxies are made from: `<url><name>/<path>?<query>`."""

    url: str
    query: str


class WorkPage(Shape):
    """A page as its worker sees it."""

    id: WorkId
    pool_id: NumberId
    project_id: NumberId
    status: Status
    reward: Amount
    created: Moment
    expires: Moment
    view_spec: _Spec | None
    input_spec: _Spec
    output_spec: _Spec
    tasks: list[PageTask]
    solutions: list[Solution] = MAYBE
    public_comment: str = MAYBE
    submitted: Moment = MAYBE
    accepted: Moment = MAYBE
    rejected: Moment = MAYBE
    skipped: Moment = MAYBE
    expired: Moment = MAYBE
    proxy: ProxyAccess = MAYBE
    hints: dict[str, str] = MAYBE
    """Hints by id of the training tasks that were answered wrong: the page stays ACTIVE until all are right."""


class CardTraining(Shape):
    """The training that a pool asks for."""

    pool_id: NumberId
    status: str


class Card(Shape):
    """Work that can be taken."""

    project_id: NumberId
    pool_id: NumberId
    title: str
    description: str
    reward_per_assignment: Amount
    requester: str
    may_contain_adult_content: bool
    kind: Annotated[str, Field(examples=["TASKS"])]
    acceptance: Annotated[str, Field(examples=["AUTO"])]
    available: bool
    unavailable_reason: str = MAYBE
    training: CardTraining = MAYBE
    active_assignment_id: WorkId = MAYBE


class TaskList(Shape):
    """All cards of a worker."""

    items: list[Card]


class Instructions(Shape):
    """What a worker reads before the work."""

    public_name: str
    public_instructions: str


class Attempt(Shape):
    """Whether an answer to a training task was right."""

    correct: bool
    hint: str = MAYBE


class Answers(BaseModel):
    """Answers to all tasks of a page, in their order."""

    solutions: list[Solution]


class OneAnswer(BaseModel):
    """An answer to one training task."""

    output_values: Values


class Money(Shape):
    """What a worker has."""

    available: Amount
    on_review: Amount
    blocked: Amount
    """Asked to be paid out."""


class ShownComputed(Computed):
    """As stored."""


class ShownProfile(Profile):
    """As stored: what is not known is absent."""


class Ban(Shape):
    """The worker is kept out of everything, until a moment or for good."""

    until: Moment = MAYBE


class Me(Shape):
    """The worker's own account."""

    user_id: UserId
    login: str
    profile: ShownProfile
    computed: ShownComputed
    balance: Money
    rating: Number | None
    ban: Ban = MAYBE


class Earning(Shape):
    """A page or a bonus that was paid."""

    kind: Literal["ASSIGNMENT", "BONUS"]
    assignment_id: WorkId = MAYBE
    bonus_id: NumberId = MAYBE
    project_id: NumberId = MAYBE
    title: str = MAYBE
    message: str = MAYBE
    amount: Amount
    created: Moment


class SignedIn(Shape):
    """A session of a worker."""

    user_id: UserId
    token: str
    """For `Authorization: Bearer …`; browsers get it as a cookie, too."""


_WRONG_STATE = ["INAPPROPRIATE_STATUS", "POOL_INAPPROPRIATE_STATUS", "POOL_TASK_TYPE_CONFLICT"]
_NEVER = ["POOL_ASSIGNMENTS_EXHAUSTED", "POOL_INAPPROPRIATE_STATUS", "TOO_MANY_ACTIVE_ASSIGNMENTS"]
_ANSWERS = {"solutions": [{"output_values": {"animal": "cat"}}]}
_PASSWORD = {"login": "ada", "password": "long enough"}

CALLS: Calls = {
    "POST /api/worker/v1/register": Call(
        {201: SignedIn}, callers=(), refuses={403: ["ACCESS_DENIED"]}, conflicts=["CONFLICT_STATE"], example=_PASSWORD
    ),
    "POST /api/worker/v1/login": Call(
        {200: SignedIn},
        callers=(),
        refuses={401: ["AUTHENTICATION_ERROR"], 429: ["TOO_MANY_REQUESTS"]},
        example=_PASSWORD,
    ),
    "POST /api/worker/v1/logout": Call({200: Nothing}, callers=()),
    "GET /api/worker/v1/me": Call({200: Me}),
    "PATCH /api/worker/v1/me": Call({200: Me}, example={"profile": {"languages": ["EN", "PT"]}}),
    "GET /api/worker/v1/task-list": Call({200: TaskList}),
    "GET /api/worker/v1/projects/{project_id}/instructions": Call(
        {200: Instructions}, query=[text("pool_id", "A pool whose own instructions are wanted, if it has any")]
    ),
    "POST /api/worker/v1/pools/{pool_id}/assignments": Call({201: WorkPage}, conflicts=_NEVER),
    "GET /api/worker/v1/assignments": Call({200: Page[WorkPage]}, store.OWN),
    "GET /api/worker/v1/assignments/{assignment_id}": Call({200: WorkPage}),
    "POST /api/worker/v1/assignments/{assignment_id}/submit": Call(
        {200: WorkPage}, body=Takes(Answers), conflicts=_WRONG_STATE, example=_ANSWERS
    ),
    "POST /api/worker/v1/assignments/{assignment_id}/skip": Call({200: WorkPage}, conflicts=_WRONG_STATE),
    "POST /api/worker/v1/assignments/{assignment_id}/exit": Call({200: WorkPage}, conflicts=_WRONG_STATE),
    "POST /api/worker/v1/assignments/{assignment_id}/tasks/{task_id}/attempts": Call(
        {200: Attempt}, body=Takes(OneAnswer), conflicts=_WRONG_STATE, example=_ANSWERS["solutions"][0]
    ),
    "GET /api/worker/v1/earnings": Call(
        {200: Page[Earning]},
        ListSpec(sorts={"id": ()}),
        query=[
            text("before", "Go on after this `assignment_id`, the last that was seen"),
            text("before_bonus", "Go on after this `bonus_id`, the last that was seen"),
        ],
    ),
}
