import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderTask } from "../../testing";

test("formats text, opens links apart, shows HTML as text and drops bad addresses", async () => {
  const content =
    "# Title\n\n**bold** [site](https://example.org) [bad](javascript:alert(1))\n\n<img src=x onerror=alert(1)>";
  const { container } = renderTask({ type: "view.markdown", content });
  expect(await screen.findByRole("heading", { name: "Title" })).toBeDefined();
  const link = screen.getByRole("link", { name: "site" });
  expect([link.getAttribute("target"), link.getAttribute("rel")]).toEqual(["_blank", "noopener noreferrer"]);
  expect(screen.queryByRole("link", { name: "bad" })).toBeNull();
  expect(container.querySelector("img")).toBeNull();
  expect(container.textContent).toContain("<img src=x onerror=alert(1)>");
});
