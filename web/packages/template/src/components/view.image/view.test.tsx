import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { input, renderTask } from "../../testing";

const image = (extra = {}) => ({ type: "view.image", url: input("url"), ...extra });
const url = "https://example.org/a.png";

test("keeps its place by its ratio and loads lazily", () => {
  const { container } = renderTask(image({ ratio: [4, 3], maxWidth: 300, minWidth: 400 }), {
    input: { url },
  });
  const picture = container.querySelector("img");
  expect([picture?.getAttribute("src"), picture?.getAttribute("loading")]).toEqual([url, "lazy"]);
  const box = picture?.closest("[style*='aspect-ratio']") as HTMLElement;
  expect([box.style.aspectRatio, box.style.maxWidth]).toEqual(["4 / 3", "400px"]);
});

test("opens in full size and closes again", async () => {
  const { user, task } = renderTask(image(), { input: { url } });
  await user.click(screen.getByRole("button", { name: "Enlarge the picture" }));
  expect(task.viewState("view")).toEqual({ isOpen: true });
  await user.click(screen.getByRole("button", { name: "Close picture" }));
  expect(task.viewState("view")).toEqual({ isOpen: false });
});

test("turns by quarters", async () => {
  const { user, container } = renderTask(image({ rotatable: true, popup: false }), { input: { url } });
  await user.click(screen.getByRole("button", { name: "Rotate left" }));
  expect(container.querySelector("img")?.style.rotate).toBe("270deg");
  expect(screen.queryByRole("button", { name: "Enlarge the picture" })).toBeNull();
});

test("says what is wrong with a picture that fails, is missing or has a dangerous address", () => {
  const { container, unmount } = renderTask(image(), { input: { url } });
  fireEvent.error(container.querySelector("img") as HTMLElement);
  expect(screen.getByRole("img", { name: "Picture not available" }).textContent).toContain(url);
  unmount();
  renderTask(image(), { input: { url: "javascript:alert(1)" } });
  expect(screen.getByRole("img", { name: "Picture not available" })).toBeDefined();
});
