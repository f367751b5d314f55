import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "./testing";

const options = [
  { label: "Yes", value: "y" },
  { label: "No", value: "n" },
];
const radio = {
  type: "field.radio-group",
  options,
  data: output("a"),
  validation: { type: "condition.required" },
};
const set = (payload: unknown) => ({ type: "action.set", data: output("a"), payload });
const hotkeys = { type: "plugin.hotkeys", 1: set("y"), 2: set("n") };
const answers = (states: readonly { output: unknown }[]) => states.map((state) => state.output);

test("a page is answered with the keyboard alone: keys answer, arrows move", async () => {
  const { user, states, check } = renderTask(radio, { plugins: [hotkeys], count: 3 });
  expect(document.activeElement?.getAttribute("aria-label")).toBe("Task 1 of 3");
  await user.keyboard("1{ArrowDown}2{ArrowDown}1{ArrowDown}");
  await waitFor(() => expect(answers(states)).toEqual([{ a: "y" }, { a: "n" }, { a: "y" }]));
  await user.keyboard("{ArrowUp}1");
  expect(answers(states)).toEqual([{ a: "y" }, { a: "y" }, { a: "y" }]);
  expect(check()).toBe(true);
});

test("checking goes to the first error; a hotkey gives the arrows back to the page", async () => {
  const { user, states, check } = renderTask(radio, { plugins: [hotkeys], count: 3 });
  await user.keyboard("1");
  expect(check()).toBe(false);
  const second = screen.getByRole("group", { name: "Task 2 of 3" });
  await waitFor(() =>
    expect(document.activeElement).toBe(within(second).getByRole("radio", { name: "Yes" })),
  );
  expect(screen.getAllByRole("alert")).toHaveLength(2);
  await user.keyboard("2{ArrowDown}");
  await waitFor(() => expect(document.activeElement?.getAttribute("aria-label")).toBe("Task 3 of 3"));
  await user.keyboard("2");
  expect(answers(states)).toEqual([{ a: "y" }, { a: "n" }, { a: "n" }]);
});

test("hotkeys act in the task that is clicked, not while typing", async () => {
  const view = {
    type: "view.list",
    items: [radio, { type: "field.text", label: "Note", data: output("note") }],
  };
  const { user, states } = renderTask(view, { plugins: [hotkeys], count: 2 });
  await user.type(screen.getAllByRole("textbox")[1] as HTMLElement, "1");
  expect(answers(states)).toEqual([{}, { note: "1" }]);
  await user.click(screen.getByRole("group", { name: "Task 2 of 2" }));
  await user.keyboard("2");
  expect(answers(states)).toEqual([{}, { note: "1", a: "n" }]);
});

test("a pager shows one task, keeps the others, and goes to the first error", async () => {
  const { user, states, check } = renderTask(radio, {
    plugins: [hotkeys, { type: "plugin.toloka", layout: { kind: "pager" } }],
    count: 2,
  });
  const isHidden = () => screen.getAllByTestId("task").map((card) => card.className.includes("hidden"));
  expect(isHidden()).toEqual([false, true]);
  await user.click(screen.getByRole("button", { name: "Task 2, not answered" }));
  await user.keyboard("1");
  expect(answers(states)).toEqual([{}, { a: "y" }]);
  expect(check()).toBe(false);
  await waitFor(() => expect(isHidden()).toEqual([false, true]));
  expect(
    screen.getAllByRole("button", { name: /^Task/ }).map((button) => button.getAttribute("aria-label")),
  ).toEqual(["Task 1, has an error", "Task 2, answered"]);
});

test("notifications stand once above all tasks and see their inputs", () => {
  const content = { type: "data.local", path: "inputValues.1.word" };
  renderTask(radio, {
    plugins: [{ type: "plugin.toloka", notifications: [{ type: "view.text", content }] }],
    count: 2,
    input: { word: "hello" },
  });
  expect(screen.getAllByText("hello")).toHaveLength(1);
});

test("what is unknown or broken shows a placeholder that names it; the rest lives on", () => {
  const broken = {
    type: "view.text",
    get content() {
      return { $ref: "vars.none" };
    },
  };
  renderTask({
    type: "view.list",
    items: [{ type: "field.hologram" }, { $ref: "vars.none" }, broken, radio],
  });
  const texts = screen.getAllByTestId("placeholder").map((item) => item.textContent);
  expect(texts[0]).toContain('"field.hologram"');
  expect(texts[1]).toContain('nothing is at "vars.none"');
  expect(screen.getByText("[broken]")).toBeDefined();
  expect(screen.getAllByRole("radio")).toHaveLength(2);
});

test("a field hidden by a condition takes its answer and its error away, and brings the answer back", async () => {
  const shown = { type: "condition.equals", data: output("a"), to: "y" };
  const inner = {
    type: "field.text",
    label: "Why",
    data: output("why"),
    validation: { type: "condition.required" },
  };
  const view = { type: "view.list", items: [radio, { type: "helper.if", condition: shown, then: inner }] };
  const { user, task, check } = renderTask(view);
  await user.click(screen.getByRole("radio", { name: "Yes" }));
  expect(check()).toBe(false);
  await user.type(screen.getByRole("textbox"), "because");
  await user.click(screen.getByRole("radio", { name: "No" }));
  expect(check()).toBe(true);
  expect(task.output).toEqual({ a: "n" });
  await user.click(screen.getByRole("radio", { name: "Yes" }));
  expect(task.output).toEqual({ a: "y", why: "because" });
});

test("leaving the page changes no answer", async () => {
  const { unmount, task, user } = renderTask(radio);
  await user.click(screen.getByRole("radio", { name: "Yes" }));
  unmount();
  await act(async () => undefined);
  expect(task.output).toEqual({ a: "y" });
});

test("says above a task what was wrong with it", () => {
  renderTask(radio, { alerts: { t0: { title: "Not quite right", messages: ["Look again"] } } });
  expect(within(screen.getByTestId("task-alert")).getByText("Look again")).toBeDefined();
});
