import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderTask } from "../../testing";

test("shares the width by ratio, cyclically", () => {
  const items = ["a", "b", "c"].map((content) => ({ type: "view.text", content }));
  renderTask({ type: "layout.columns", items, ratio: [2, 1], minWidth: 300, verticalAlign: "middle" });
  const columns = ["a", "b", "c"].map((text) =>
    screen.getByText(text).closest<HTMLElement>("[style*='--share']"),
  );
  expect(columns.map((column) => column?.style.getPropertyValue("--share"))).toEqual(["2", "1", "2"]);
  expect(columns[0]?.style.getPropertyValue("--least")).toBe("300px");
  expect(columns[0]?.parentElement?.style.alignItems).toBe("center");
});
