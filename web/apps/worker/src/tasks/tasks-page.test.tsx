import { screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderAt } from "../../../../testing/app";
import { answerWith } from "../../../../testing/http";
import { TasksPage } from "./tasks-page";

afterEach(() => vi.unstubAllGlobals());

const card = (id: number, extra: object = {}) => ({
  project_id: String(id),
  pool_id: String(100 + id),
  title: `Task ${id}`,
  description: id % 2 === 0 ? "even" : "odd",
  reward_per_assignment: 0.05,
  requester: "Labs",
  kind: "GENERAL",
  acceptance: "AUTO",
  available: true,
  ...extra,
});

function open(path: string, items: readonly unknown[]) {
  answerWith({ "GET /task-list": () => [200, { items }] });
  return renderAt(path, <TasksPage />);
}
const titles = async () =>
  (await screen.findAllByTestId("task-card")).map((item) => within(item).getByRole("heading").textContent);

test("pages already taken come first and are continued, the others are started", async () => {
  const { user, at } = open("/tasks", [card(1), card(2, { active_assignment_id: "as9", available: false })]);
  expect(await titles()).toEqual(["Task 2", "Task 1"]);
  await user.click(screen.getByRole("button", { name: "Start" }));
  expect(at()).toBe("/tasks/1/pools/101");
  await user.click(screen.getByRole("button", { name: "Continue" }));
  expect(at()).toBe("/tasks/2/assignments/as9");
});

test("a card that is not available says why and what to do", async () => {
  open("/tasks", [
    card(1, { available: false, unavailable_reason: "ADULT_CONTENT" }),
    card(2, { acceptance: "MANUAL" }),
  ]);
  const [open_, closed] = await screen.findAllByTestId("task-card");
  expect(within(closed as HTMLElement).queryByRole("button")).toBeNull();
  expect(
    within(closed as HTMLElement)
      .getByRole("link")
      .getAttribute("href"),
  ).toBe("/profile");
  expect(within(open_ as HTMLElement).getByText("Paid after review")).toBeDefined();
});

test("a link to a project goes to its card, or says that there is none", async () => {
  open("/tasks?projectId=2", [card(1), card(2)]);
  await titles();
  expect((document.activeElement as HTMLElement).dataset.projectId).toBe("2");
});

test("a link to a project without a card says so", async () => {
  open("/tasks?projectId=5", [card(1)]);
  await titles();
  expect(screen.getByText(/not open to you now/)).toBeDefined();
});

test("a long list can be searched, and the address keeps the search", async () => {
  const { user, at } = open(
    "/tasks",
    [1, 2, 3, 4, 5, 6].map((id) => card(id)),
  );
  await titles();
  await user.type(screen.getByRole("textbox", { name: "Search tasks" }), "even");
  expect(await titles()).toEqual(["Task 2", "Task 4", "Task 6"]);
  expect(at()).toBe("/tasks?q=even");
});

test("no task at all says what to do", async () => {
  open("/tasks", []);
  expect(await screen.findByText("No tasks for you right now")).toBeDefined();
});
