import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "../../testing";

const options = ["a", "b"].map((value) => ({ label: `Option ${value}`, value }));
const view = (path: string, extra = {}) => ({
  type: "field.checkbox-group",
  label: "Which",
  options,
  data: output(path),
  ...extra,
});

test("holds the checked options as an object, and is absent without any", async () => {
  const { user, task, check } = renderTask(view("x", { validation: { type: "condition.required" } }));
  expect(check()).toBe(false);
  await user.click(screen.getByRole("checkbox", { name: "Option a" }));
  await user.click(screen.getByText("Option b"));
  expect(task.output).toEqual({ x: { a: true, b: true } });
  expect(check()).toBe(true);
  await user.click(screen.getByRole("checkbox", { name: "Option a" }));
  await user.click(screen.getByRole("checkbox", { name: "Option b" }));
  expect(task.output).toEqual({});
});

test("an empty path writes booleans at the top; preserveFalse keeps all of them", async () => {
  const { user, task } = renderTask(view("", { preserveFalse: true }));
  expect(task.output).toEqual({ a: false, b: false });
  await user.click(screen.getByRole("checkbox", { name: "Option b" }));
  expect(task.output).toEqual({ a: false, b: true });
});

test("hidden, it removes only what it owns", async () => {
  const shown = { type: "condition.not", condition: { type: "condition.required", data: output("hide") } };
  const { user, task } = renderTask(
    { type: "view.list", items: [{ type: "helper.if", condition: shown, then: view("x") }] },
    { output: { x: { other: true } } },
  );
  await user.click(screen.getByRole("checkbox", { name: "Option a" }));
  expect(task.output).toEqual({ x: { other: true, a: true } });
  await act(async () => task.write({ store: "output", path: ["hide"] }, true));
  expect(task.output).toEqual({ x: { other: true }, hide: true });
  await act(async () => task.write({ store: "output", path: ["hide"] }, undefined));
  expect(task.output).toEqual({ x: { other: true, a: true } });
});
