import { act, cleanup, screen, waitFor } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Route } from "wouter";
import { renderAt } from "../../../../testing/app";
import { answerWith, type Sent } from "../../../../testing/http";
import { WorkPage } from "./work-page";

beforeEach(() => {
  vi.stubGlobal("scrollTo", () => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  localStorage.clear();
});

const config = JSON.stringify({
  view: {
    type: "field.button-radio-group",
    data: { type: "data.output", path: "label" },
    options: [{ value: "yes" }, { value: "no" }],
    validation: { type: "condition.required" },
  },
});

function assignment(id: string, extra: object = {}) {
  return {
    id,
    pool_id: "7",
    project_id: "1",
    status: "ACTIVE",
    reward: 0.05,
    created: "2026-01-10T10:00:00.000",
    expires: "2026-01-10T10:10:00.000",
    view_spec: { type: "tb", config, settings: {} },
    output_spec: { label: { type: "string" } },
    tasks: [{ id: `${id}-t`, input_values: {} }],
    ...extra,
  };
}

const READ = {
  "GET /projects/1/instructions": () => [200, { public_name: "Sort", public_instructions: "" }] as const,
};
const error = (status: number, code: string, payload: object = {}) =>
  [status, { code, message: code, payload }] as const;
const NO_MORE = () => error(409, "POOL_ASSIGNMENTS_EXHAUSTED", { final: true });
const NO_CARDS = { "GET /task-list": () => [200, { items: [] }] as const };

function open(path: string, answers: Parameters<typeof answerWith>[0]) {
  const sent = answerWith({ ...READ, ...NO_CARDS, ...answers });
  const work = <Route path="/tasks/:projectId/:door/:id">{(params) => <WorkPage {...params} />}</Route>;
  return { sent, ...renderAt(path, work) };
}

const calls = (sent: readonly Sent[], part: string) => sent.filter(({ call }) => call.includes(part));
const answer = async (user: ReturnType<typeof userEvent.setup>, name: string) => {
  await user.click(await screen.findByRole("radio", { name }));
  await user.click(screen.getByRole("button", { name: "Submit" }));
};

test("page after page: each is sent once, then the next is there; at the end it says so", async () => {
  const pages = [assignment("a"), assignment("b")];
  const { sent, user, at } = open("/tasks/1/pools/7", {
    "POST /pools/7/assignments": () => (pages.length > 0 ? ([201, pages.shift()] as const) : NO_MORE()),
    "POST /assignments/a/submit": () => [200, assignment("a", { status: "ACCEPTED" })],
    "POST /assignments/b/submit": () => [200, assignment("b", { status: "SUBMITTED" })],
  });
  await answer(user, "yes");
  await waitFor(() => expect(at()).toBe("/tasks/1/assignments/b"));
  expect(screen.getByText("Sent. $0.05 earned")).toBeDefined();
  await answer(user, "no");
  expect(await screen.findByText("All done here")).toBeDefined();
  expect(screen.getByText("Sent. $0.05 under review")).toBeDefined();
  expect(calls(sent, "submit").map(({ body }) => body)).toEqual([
    { solutions: [{ output_values: { label: "yes" } }] },
    { solutions: [{ output_values: { label: "no" } }] },
  ]);
});

test("a second click while sending does nothing", async () => {
  let finish: () => void = () => undefined;
  const slow = new Promise<void>((done) => {
    finish = done;
  });
  const { sent, user } = open("/tasks/1/assignments/a", {
    "GET /assignments/a": () => [200, assignment("a")],
    "POST /assignments/a/submit": async () => {
      await slow;
      return [200, assignment("a", { status: "ACCEPTED" })];
    },
    "POST /pools/7/assignments": NO_MORE,
  });
  await answer(user, "yes");
  await user.keyboard("{Control>}{Enter}{Enter}{/Control}");
  finish();
  await screen.findByText("All done here");
  expect(calls(sent, "submit")).toHaveLength(1);
});

test("a page that is open already is continued, with what was answered in it", async () => {
  localStorage.setItem(
    "TASK_STATE:a:a-t",
    JSON.stringify({ saved: Date.now(), output: { label: "no" }, opened: [] }),
  );
  open("/tasks/1/pools/7", {
    "POST /pools/7/assignments": () =>
      error(409, "TOO_MANY_ACTIVE_ASSIGNMENTS", { active_assignment_ids: ["a"] }),
    "GET /assignments/a": () => [200, assignment("a")],
  });
  expect((await screen.findByRole<HTMLInputElement>("radio", { name: "no" })).checked).toBe(true);
});

test("what the server refuses stands at its task, and the answers stay", async () => {
  const { user } = open("/tasks/1/assignments/a", {
    "GET /assignments/a": () => [200, assignment("a")],
    "POST /assignments/a/submit": () =>
      error(400, "VALIDATION_ERROR", {
        "solutions.0.output_values.label": { code: "VALUE_NOT_ALLOWED", message: "Not allowed" },
      }),
  });
  await answer(user, "yes");
  expect((await screen.findByTestId("task-alert")).textContent).toContain("label: Not allowed");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "yes" }).checked).toBe(true);
});

test("hints after a training page stand at their tasks", async () => {
  const { user } = open("/tasks/1/assignments/a", {
    "GET /assignments/a": () => [200, assignment("a")],
    "POST /assignments/a/submit": () => [200, assignment("a", { hints: { "a-t": "Look at the tail" } })],
  });
  await answer(user, "yes");
  expect((await screen.findByTestId("task-alert")).textContent).toContain("Look at the tail");
});

test("an exhausted pool leads to another pool of the project", async () => {
  const { at } = open("/tasks/1/pools/7", {
    "POST /pools/7/assignments": NO_MORE,
    "GET /task-list": () => [200, { items: [{ project_id: "1", pool_id: "8", available: true }] }],
    "POST /pools/8/assignments": () => [201, assignment("c", { pool_id: "8" })],
  });
  await screen.findByRole("radio", { name: "yes" });
  expect(at()).toBe("/tasks/1/assignments/c");
});

test("pages that may come back can be looked for again", async () => {
  const answers = [
    error(409, "POOL_ASSIGNMENTS_EXHAUSTED", { final: false }),
    [201, assignment("a")] as const,
  ];
  const { user } = open("/tasks/1/pools/7", {
    "POST /pools/7/assignments": () => answers.shift() ?? NO_MORE(),
  });
  await user.click(await screen.findByRole("button", { name: "Look again" }));
  expect(await screen.findByRole("radio", { name: "yes" })).toBeDefined();
});

test("a refused take says why and what to do", async () => {
  open("/tasks/1/pools/7", {
    "POST /pools/7/assignments": () => error(403, "ACCESS_DENIED", { reason: "LANGUAGE" }),
  });
  expect(await screen.findByText(/not in your profile/)).toBeDefined();
  expect(screen.getByRole("link", { name: "Add a language" }).getAttribute("href")).toBe("/profile");
});

test("when the time is up the server is asked, and the page closes", async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 10, 10, 9, 58), shouldAdvanceTime: true });
  let status = "ACTIVE";
  open("/tasks/1/assignments/a", { "GET /assignments/a": () => [200, assignment("a", { status })] });
  await screen.findByRole("radio", { name: "yes" });
  status = "EXPIRED";
  await act(() => vi.advanceTimersByTimeAsync(4_000));
  expect(await screen.findByText("This page is closed")).toBeDefined();
});

test("instructions come before the first page, and not again until they change", async () => {
  const instructions = () => [200, { public_name: "Sort", public_instructions: "<p>Read me</p>" }] as const;
  const { sent, user } = open("/tasks/1/pools/7", {
    "GET /projects/1/instructions": instructions,
    "POST /pools/7/assignments": () => [201, assignment("a")],
  });
  const start = await screen.findByRole("button", { name: "Start working" });
  expect(calls(sent, "POST")).toHaveLength(0);
  await user.click(start);
  await screen.findByRole("radio", { name: "yes" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(localStorage.getItem("INSTRUCTIONS_SEEN:1")).not.toBeNull();
});

test("each pool shows its own instructions, once", async () => {
  const texts: Record<string, string> = { "7": "Learn", "8": "Work", "9": "Learn" };
  const answers = {
    "GET /projects/1/instructions": (_: unknown, query: URLSearchParams) => {
      const text = texts[query.get("pool_id") ?? ""] ?? "The project's";
      return [200, { public_name: "Sort", public_instructions: `<p>${text}</p>` }] as const;
    },
    "POST /pools/7/assignments": () => [201, assignment("a")] as const,
    "POST /pools/8/assignments": () => [201, assignment("b", { pool_id: "8" })] as const,
    "POST /pools/9/assignments": () => [201, assignment("c", { pool_id: "9" })] as const,
  };
  for (const pool of ["7", "8"]) {
    const { user } = open(`/tasks/1/pools/${pool}`, answers);
    await user.click(await screen.findByRole("button", { name: "Start working" }));
    await screen.findByRole("radio", { name: "yes" });
    cleanup();
  }
  for (const pool of ["7", "8", "9"]) {
    open(`/tasks/1/pools/${pool}`, answers);
    await screen.findByRole("radio", { name: "yes" });
    expect(screen.queryByRole("dialog")).toBeNull();
    cleanup();
  }
});

test("a classic interface cannot be answered, but skipped", async () => {
  const { user } = open("/tasks/1/assignments/a", {
    "GET /assignments/a": () => [200, assignment("a", { view_spec: { type: "classic", markup: "" } })],
    "POST /assignments/a/skip": () => [200, {}],
    "POST /pools/7/assignments": NO_MORE,
  });
  expect(await screen.findByText("This interface kind is not supported yet")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Submit" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Skip" }));
  expect(await screen.findByText("All done here")).toBeDefined();
});

test("skipping answers asks first; leaving offers to keep or give back", async () => {
  const { sent, user, at } = open("/tasks/1/assignments/a", {
    "GET /assignments/a": () => [200, assignment("a")],
    "POST /assignments/a/exit": () => [200, {}],
  });
  await user.click(await screen.findByRole("radio", { name: "yes" }));
  await user.click(screen.getByRole("button", { name: "Skip" }));
  await user.click(await screen.findByRole("button", { name: "Go on answering" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls(sent, "skip")).toHaveLength(0);
  await user.click(screen.getByRole("button", { name: "Exit" }));
  await user.click(await screen.findByRole("button", { name: "Give back" }));
  await waitFor(() => expect(at()).toBe("/tasks"));
  expect(calls(sent, "exit")).toHaveLength(1);
});

test("settings of the project hide parts of the page", async () => {
  const settings = {
    showTimer: false,
    showSkip: false,
    showFinish: false,
    showReward: false,
    showSubmit: false,
  };
  open("/tasks/1/assignments/a", {
    "GET /assignments/a": () => [200, assignment("a", { view_spec: { type: "tb", config, settings } })],
  });
  await screen.findByRole("radio", { name: "yes" });
  for (const name of ["Skip", "Exit", "Submit"]) expect(screen.queryByRole("button", { name })).toBeNull();
  expect([screen.queryByTestId("timer"), screen.queryByTestId("reward")]).toEqual([null, null]);
});
