import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { output, renderTask } from "../../testing";

const options = [
  { label: "Good", value: "g" },
  { label: "Bad", value: "b" },
];
const view = {
  type: "field.button-radio-group",
  label: "How",
  options,
  data: output("how"),
  rtl: { mode: "rtl" },
};

test("is a group of radio buttons that writes the chosen value", async () => {
  const { user, task } = renderTask(view);
  expect(screen.getByRole("radiogroup", { name: "How" }).getAttribute("dir")).toBe("rtl");
  await user.click(screen.getByRole("radio", { name: "Good" }));
  expect(task.output).toEqual({ how: "g" });
  await user.keyboard("{ArrowDown}");
  expect(task.output).toEqual({ how: "b" });
});
