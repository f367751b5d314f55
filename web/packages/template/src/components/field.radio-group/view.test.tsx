import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "../../testing";

const options = [
  { label: "Yes", value: true, hint: "It does" },
  { label: "No", value: "true" },
];
const view = { type: "field.radio-group", label: "Is it?", options, data: output("is") };
const set = (payload: unknown) => ({ type: "action.set", data: output("is"), payload });

test("writes the chosen value with its type and cannot be unselected", async () => {
  const { user, task } = renderTask(view);
  expect(screen.getByRole("radiogroup", { name: "Is it?" })).toBeDefined();
  await user.click(screen.getByText("Yes"));
  expect(task.output).toEqual({ is: true });
  await user.click(screen.getByText("Yes"));
  expect(task.output).toEqual({ is: true });
  await user.click(screen.getByRole("radio", { name: "No" }));
  expect(task.output).toEqual({ is: "true" });
  expect(screen.getByRole<HTMLInputElement>("radio", { name: "Yes" }).checked).toBe(false);
});

test("shows the key of each option, type-strictly", () => {
  renderTask(view, { plugins: [{ type: "plugin.hotkeys", 1: set("true"), 2: set(true) }] });
  const keyOf = (name: string) =>
    screen.getByText(name).closest("label")?.parentElement?.querySelector("kbd")?.textContent;
  expect([keyOf("Yes"), keyOf("No")]).toEqual(["2", "1"]);
});

test("shows an answer to read", () => {
  renderTask(view, { mode: "read-only", output: { is: "true" } });
  const radio = screen.getByRole<HTMLInputElement>("radio", { name: "No" });
  expect([radio.checked, radio.disabled]).toEqual([true, true]);
});
