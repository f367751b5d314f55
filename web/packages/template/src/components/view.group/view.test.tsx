import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderTask } from "../../testing";

test("holds one view under its label", () => {
  renderTask({ type: "view.group", label: "Facts", content: { type: "view.text", content: "inside" } });
  expect(within(screen.getByRole("region", { name: "Facts" })).getByText("inside")).toBeDefined();
});
