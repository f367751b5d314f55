import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "../../testing";

const options = [{ label: "One", value: 1 }, { value: { a: 2 } }];

test("writes the value as it is, and clears it by the first entry", async () => {
  const { user, task } = renderTask({ type: "field.select", label: "Which", options, data: output("n") });
  const list = screen.getByRole("combobox", { name: "Which" });
  expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual(["—", "One", '{"a":2}']);
  await user.selectOptions(list, "One");
  expect(task.output).toEqual({ n: 1 });
  expect(screen.getAllByRole("option")[0]?.textContent).toBe("-");
  await user.selectOptions(list, '{"a":2}');
  expect(task.output).toEqual({ n: { a: 2 } });
  await user.selectOptions(list, "-");
  expect(task.output).toEqual({});
});
