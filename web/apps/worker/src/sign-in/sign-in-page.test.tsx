import { screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderAt } from "../../../../testing/app";
import { answerWith } from "../../../../testing/http";
import { SignInPage } from "./sign-in-page";

afterEach(() => vi.unstubAllGlobals());

const described = (label: string) => {
  const id = screen.getByLabelText(label).getAttribute("aria-describedby");
  return (
    id
      ?.split(" ")
      .map((part) => document.getElementById(part)?.textContent)
      .join(" ") ?? ""
  );
};

test("empty fields are named before anything is sent", async () => {
  const sent = answerWith({});
  const { user } = renderAt("/", <SignInPage />);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect([described("Login"), described("Password")]).toEqual(["Enter your login", "Enter your password"]);
  expect(sent).toEqual([]);
});

test("a wrong password is said beside the field, what was typed stays", async () => {
  const sent = answerWith({ "POST /login": () => [401, { code: "AUTHENTICATION_ERROR", message: "no" }] });
  const { user } = renderAt("/", <SignInPage />);
  await user.type(screen.getByLabelText("Login"), " ann ");
  await user.type(screen.getByLabelText("Password"), "wrong{Enter}");
  await screen.findByText(/do not belong together/);
  expect(described("Password")).toContain("do not belong together");
  expect(sent).toEqual([{ call: "POST /login", body: { login: "ann", password: "wrong" } }]);
  expect(screen.getByLabelText<HTMLInputElement>("Login").value).toBe(" ann ");
});

test("registering says what is wrong with the login or the password", async () => {
  const answers: [number, unknown][] = [
    [409, { code: "CONFLICT_STATE", message: "taken" }],
    [
      400,
      { code: "VALIDATION_ERROR", message: "no", payload: { login: { code: "X", message: "Only letters" } } },
    ],
  ];
  const sent = answerWith({ "POST /register": () => answers.shift() ?? [201, {}] });
  const { user } = renderAt("/", <SignInPage />);
  await user.click(screen.getByRole("button", { name: "Create an account" }));
  await user.type(screen.getByLabelText("Login"), "ann");
  await user.type(screen.getByLabelText("Password"), "short{Enter}");
  expect(described("Password")).toContain("Use at least 8 characters");
  expect(sent).toEqual([]);
  await user.type(screen.getByLabelText("Password"), "er-no-more{Enter}");
  await screen.findByText(/taken/);
  expect(described("Login")).toContain("This login is taken");
  await user.type(screen.getByLabelText("Login"), "!{Enter}");
  await screen.findByText("Only letters");
});
