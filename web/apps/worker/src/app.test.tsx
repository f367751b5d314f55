import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { answerWith } from "../../../testing/http";
import { App } from "./app";

const ME = { user_id: "u", login: "ann", profile: {}, balance: { available: 1.5, on_review: 0, blocked: 0 } };

let signedIn = false;
beforeEach(() => {
  signedIn = true;
  answerWith({
    "GET /me": () =>
      signedIn ? [200, ME] : [401, { code: "AUTHENTICATION_ERROR", message: "Sign in first" }],
    "POST /login": () => {
      signedIn = true;
      return [200, {}];
    },
    "POST /logout": () => {
      signedIn = false;
      return [200, {}];
    },
    "GET /task-list": () =>
      signedIn ? [200, { items: [] }] : [401, { code: "AUTHENTICATION_ERROR", message: "" }],
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  window.history.replaceState(null, "", "/");
});

test("signing out and in again stays at the address", async () => {
  window.history.replaceState(null, "", "/tasks");
  const user = userEvent.setup();
  render(<App />);
  expect((await screen.findByTestId("balance")).textContent).toBe("$1.50");
  await user.click(screen.getByRole("button", { name: "Sign out" }));
  await user.type(await screen.findByLabelText("Login"), "ann");
  await user.type(screen.getByLabelText("Password"), "secret123{Enter}");
  expect(await screen.findByText("No tasks for you right now")).toBeDefined();
  expect(window.location.pathname).toBe("/tasks");
});

test("a session that ended elsewhere leads to the sign-in", async () => {
  window.history.replaceState(null, "", "/tasks");
  answerWith({
    "GET /me": () => [200, ME],
    "GET /task-list": () => [401, { code: "AUTHENTICATION_ERROR", message: "" }],
  });
  render(<App />);
  expect(await screen.findByRole("heading", { name: "Sign in" })).toBeDefined();
});
