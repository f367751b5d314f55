import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { input, renderTask } from "../../testing";

test("shows text with its line breaks, other values as JSON, and never as HTML", () => {
  renderTask(
    {
      type: "view.list",
      items: [
        { type: "view.text", label: 7, content: input("text") },
        { type: "view.text", content: input("object"), rtl: { mode: "rtl" } },
      ],
    },
    { input: { text: "one\n<b>two</b>", object: { a: [1] } } },
  );
  expect(screen.getByText(/one/).textContent).toBe("one\n<b>two</b>");
  expect(screen.getByText('{"a":[1]}').getAttribute("dir")).toBe("rtl");
  expect(screen.getByText("7")).toBeDefined();
});

test("a hint opens on a click", async () => {
  const { user } = renderTask({ type: "view.text", label: "Text", content: "x", hint: "first\nsecond" });
  expect(screen.queryByText(/second/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "Explain" }));
  expect(screen.getByText(/second/).textContent).toBe("first\nsecond");
});
