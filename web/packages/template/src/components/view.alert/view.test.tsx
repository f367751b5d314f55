import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderTask } from "../../testing";

test.each(["info", "success", "warning", "danger", "unknown"])("holds one view in theme %s", (theme) => {
  renderTask({ type: "view.alert", theme, content: { type: "view.text", content: "careful" } });
  expect(within(screen.getByRole("note")).getByText("careful")).toBeDefined();
});
