import { screen, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { renderAt } from "../../../testing/app";
import { answerWith } from "../../../testing/http";
import { PoolPage } from "./pool-page";
import { ProjectPage } from "./project-page";
import { ProjectsPage } from "./projects-page";
import { SignInPage } from "./sign-in-page";

afterEach(() => vi.unstubAllGlobals());

const created = "2026-01-10T10:00:00.000";
const project = { id: "1", public_name: "Shoes", status: "ACTIVE", created };
const pool = {
  id: "7",
  project_id: "1",
  private_name: "batch",
  status: "CLOSED",
  last_close_reason: "NOT_ENOUGH_BALANCE",
  created,
  reward_per_assignment: 0.05,
};
const summary = {
  tasks: { general: 800, control: 40, training: 0 },
  assignments: { active: 3, submitted: 2, accepted: 240, rejected: 4, skipped: 9, expired: 1 },
  progress: { done: 1200, total: 8000, percent: 15 },
  spent: 12,
  held: 0.15,
  workers: 38,
};
const READ = {
  "GET /api/v1/projects/1": () => [200, project] as const,
  "GET /api/v1/pools": () => [200, { items: [pool], has_more: false }] as const,
  "GET /api/v1/pools/7": () => [200, pool] as const,
  "GET /api/requester/v1/pools/7/summary": () => [200, summary] as const,
};

test("a pool answers at a glance: why it is closed, how far, what it cost, where the answers are", async () => {
  answerWith(READ);
  renderAt("/", <PoolPage projectId="1" id="7" />);
  expect((await screen.findByTestId("pool-state")).textContent).toContain(
    "balance does not pay the next page",
  );
  const progress = await screen.findByTestId("progress");
  expect(progress.textContent).toBe("1,200 of 8,000 answers15 %");
  expect(screen.getByText("$12.00")).toBeDefined();
  expect(screen.getByText("Rejected").nextElementSibling?.textContent).toBe("4");
  expect(screen.getByRole("link", { name: /Download results/ }).getAttribute("href")).toBe(
    "/api/new/requester/pools/7/assignments.tsv?status=APPROVED,SUBMITTED,REJECTED",
  );
  expect((await screen.findByRole("link", { name: "Shoes" })).getAttribute("href")).toBe(
    "/requester/project/1",
  );
});

test("a project lists its pools with their progress", async () => {
  answerWith(READ);
  renderAt("/", <ProjectPage id="1" />);
  const row = await screen.findByTestId("pool-row");
  expect(within(row).getByRole("link").getAttribute("href")).toBe("/requester/project/1/pool/7");
  expect(await within(row).findByText("1,200 of 8,000 answers")).toBeDefined();
});

test("projects are listed and searched; none says how to make one", async () => {
  const other = { ...project, id: "2", public_name: "Hats", status: "ARCHIVED" };
  answerWith({ "GET /api/v1/projects": () => [200, { items: [project, other], has_more: false }] });
  const { user } = renderAt("/requester/projects", <ProjectsPage />);
  expect(await screen.findAllByTestId("project-row")).toHaveLength(2);
  await user.type(screen.getByRole("textbox", { name: "Search projects" }), "hat");
  expect(
    screen.getAllByTestId("project-row").map((row) => within(row).getByRole("link").textContent),
  ).toEqual(["Hats"]);
});

test("no projects", async () => {
  answerWith({ "GET /api/v1/projects": () => [200, { items: [], has_more: false }] });
  renderAt("/requester/projects", <ProjectsPage />);
  expect(await screen.findByText("POST /api/v1/projects")).toBeDefined();
});

test("an unknown key is said beside the field", async () => {
  const sent = answerWith({
    "POST /api/requester/v1/session": () => [401, { code: "AUTHENTICATION_ERROR", message: "" }],
  });
  const { user } = renderAt("/requester/projects", <SignInPage />);
  await user.type(screen.getByLabelText("API key"), "nope{Enter}");
  expect(await screen.findByText(/This key is not known/)).toBeDefined();
  expect(sent).toEqual([{ call: "POST /api/requester/v1/session", body: { api_key: "nope" } }]);
});
