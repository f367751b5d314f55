import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError, isApiError } from "./client";
import { fieldErrors, solutionErrors } from "./field-errors";
import { worker } from "./worker";

const answers: (Response | Error)[] = [];
const calls: { url: string; init: RequestInit }[] = [];

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    calls.push({ url, init });
    const answer = answers.shift();
    if (answer instanceof Response) return answer;
    throw answer ?? new Error("no answer was prepared");
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  answers.length = 0;
  calls.length = 0;
});

const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

test("a lost submit is sent again with the same solutions", async () => {
  answers.push(new TypeError("network"), json(200, { id: "1", status: "SUBMITTED" }));
  const solutions = [{ output_values: { label: "a" } }];
  expect((await worker.submit("1", solutions)).status).toBe("SUBMITTED");
  expect(calls.map(({ init }) => init.body)).toEqual(Array(2).fill(JSON.stringify({ solutions })));
});

test("a lost skip is not sent again, and says so", async () => {
  answers.push(new TypeError("network"));
  const failure = await worker.skip("1").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(isApiError(failure, "NO_CONNECTION")).toBe(true);
  expect(calls).toHaveLength(1);
});

test("an error body keeps its code and payload; another body its status", async () => {
  answers.push(json(409, { code: "POOL_ASSIGNMENTS_EXHAUSTED", message: "none", payload: { final: true } }));
  const exhausted = await worker.take("7").catch((error: unknown) => error);
  expect(isApiError(exhausted, "POOL_ASSIGNMENTS_EXHAUSTED") && exhausted.payload).toEqual({ final: true });
  answers.push(new Response("<html>", { status: 500 }));
  const broken = await worker.skip("7").catch((error: unknown) => error);
  expect(isApiError(broken) && [broken.status, broken.code]).toEqual([500, "HTTP_500"]);
});

test("lists are asked for with their query", async () => {
  answers.push(json(200, { items: [], has_more: false }));
  await worker.assignments("ACTIVE,SUBMITTED", 50);
  expect(calls[0]?.url).toBe("/api/worker/v1/assignments?status=ACTIVE%2CSUBMITTED&limit=50&sort=-id");
});

test("field errors go to their fields and tasks", () => {
  const error = new ApiError(400, {
    code: "VALIDATION_ERROR",
    message: "",
    payload: {
      "solutions.0.output_values.label": { code: "VALUE_REQUIRED", message: "May not be empty" },
      "solutions.2.output_values.a": { code: "VALUE_NOT_ALLOWED" },
      "solutions.2": { code: "OTHER" },
    },
  });
  expect(fieldErrors(error)["solutions.2.output_values.a"]).toBe("This value is not allowed");
  expect([...solutionErrors(error)]).toEqual([
    [0, ["label: May not be empty"]],
    [2, ["a: This value is not allowed", "OTHER"]],
  ]);
  expect(fieldErrors(new Error("x"))).toEqual({});
});
