import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "../../testing";

const view = (extra = {}) => ({ type: "field.checkbox", label: "Seen", data: output("seen"), ...extra });

test("is true or absent", async () => {
  const { user, task } = renderTask(view());
  expect(task.output).toEqual({});
  await user.click(screen.getByText("Seen"));
  expect(task.output).toEqual({ seen: true });
  await user.click(screen.getByRole("checkbox", { name: "Seen" }));
  expect(task.output).toEqual({});
});

test("preserveFalse writes false at once and whenever it is cleared", async () => {
  const { user, task } = renderTask(view({ preserveFalse: true }));
  expect(task.output).toEqual({ seen: false });
  await user.click(screen.getByRole("checkbox"));
  expect(task.output).toEqual({ seen: true });
  act(() => task.write({ store: "output", path: ["seen"] }, undefined));
  expect(task.output).toEqual({ seen: false });
});

test("shows the key that toggles it", async () => {
  const toggle = { type: "action.toggle", data: output("seen") };
  const { user, task, container } = renderTask(view(), { plugins: [{ type: "plugin.hotkeys", s: toggle }] });
  expect(container.querySelector("kbd")?.textContent).toBe("s");
  await user.keyboard("s");
  expect(task.output).toEqual({ seen: true });
});
