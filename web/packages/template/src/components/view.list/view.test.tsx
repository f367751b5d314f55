import { act, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { input, output, renderTask } from "../../testing";

test("shows its items in order and leaves no place for those that resolve to nothing", () => {
  const text = (content: unknown) => ({ type: "view.text", content });
  const hidden = {
    type: "helper.if",
    condition: { type: "condition.required", data: output("a") },
    then: text("two"),
  };
  const { container, task } = renderTask({ type: "view.list", items: [text("one"), hidden, text("three")] });
  const texts = () =>
    [...container.querySelectorAll('[data-component="view.text"]')].map((item) => item.textContent);
  expect(texts()).toEqual(["one", "three"]);
  act(() => task.write({ store: "output", path: ["a"] }, 1));
  expect(texts()).toEqual(["one", "two", "three"]);
});

test("spreads the views of a helper", () => {
  const into = { type: "view.text", content: { type: "data.local", path: "item" } };
  renderTask(
    {
      type: "view.list",
      direction: "horizontal",
      items: { type: "helper.transform", items: input("words"), into },
    },
    { input: { words: ["a", "b"] } },
  );
  expect(screen.getByText("a").compareDocumentPosition(screen.getByText("b"))).toBe(4);
});
