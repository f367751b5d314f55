import { screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { output, renderTask } from "../../testing";

const field = (extra = {}) => ({ type: "field.text", label: "Name", data: output("name"), ...extra });

test("writes what is typed, and nothing when it is cleared", async () => {
  const { user, task } = renderTask(field({ placeholder: "e.g. Ann" }));
  const box = screen.getByRole("textbox", { name: "Name" });
  expect(box.getAttribute("placeholder")).toBe("e.g. Ann");
  await user.type(box, "Ann");
  expect(task.output).toEqual({ name: "Ann" });
  await user.click(screen.getByRole("button", { name: "Clear" }));
  expect(task.output).toEqual({});
});

test("shows its default, its mark and, once touched, its error", async () => {
  const validation = { type: "condition.schema", schema: { type: "string", minLength: 3 } };
  const { user, task } = renderTask(
    field({ data: output("name", { default: "Bo" }), requiredMark: true, validation }),
  );
  const box = screen.getByLabelText<HTMLInputElement>(/Name/);
  expect(box.value).toBe("Bo");
  expect(screen.getByText("*")).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
  await user.type(box, "{Backspace}");
  expect(screen.getByRole("alert").textContent).toBe("Write at least 3 characters");
  expect(box.getAttribute("aria-invalid")).toBe("true");
  expect(box.getAttribute("aria-errormessage")).toBe(screen.getByRole("alert").id);
  await user.type(box, "ill");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(task.output).toEqual({ name: "Bill" });
});

test("Enter submits a page of one task, and no other", async () => {
  const onEnter = vi.fn();
  const one = renderTask(field(), { onEnter });
  await one.user.type(screen.getByRole("textbox"), "a{Enter}");
  expect(onEnter).toHaveBeenCalledTimes(1);
  one.unmount();
  const two = renderTask(field(), { onEnter, count: 2 });
  await two.user.type(screen.getAllByRole("textbox")[0] as HTMLElement, "a{Enter}");
  expect(onEnter).toHaveBeenCalledTimes(1);
});

test("is disabled when told so or read-only, then without a placeholder", () => {
  const { unmount } = renderTask(field({ disabled: true }));
  expect(screen.getByRole<HTMLInputElement>("textbox").disabled).toBe(true);
  unmount();
  renderTask(field({ placeholder: "x" }), { mode: "read-only", output: { name: "Ann" } });
  const box = screen.getByRole<HTMLInputElement>("textbox");
  expect([box.disabled, box.value, box.placeholder]).toEqual([true, "Ann", ""]);
});
