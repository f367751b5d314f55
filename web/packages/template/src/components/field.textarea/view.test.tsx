import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "../../testing";

test("writes several lines, and nothing when it is empty", async () => {
  const { user, task } = renderTask({ type: "field.textarea", label: "Text", rows: 7, data: output("text") });
  const box = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Text" });
  expect(box.rows).toBe(7);
  await user.type(box, "a{Enter}b");
  expect(task.output).toEqual({ text: "a\nb" });
  await user.clear(box);
  expect(task.output).toEqual({});
});
