import { afterEach, expect, test, vi } from "vitest";
import { learnClock, remainingMs } from "./clock";

afterEach(() => {
  sessionStorage.clear();
  vi.useRealTimers();
});

test("remaining time follows the server's clock, not the browser's", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 10, 10) });
  expect(remainingMs("2026-01-10T10:10:00.000")).toBe(600_000);
  learnClock("2027-05-01T00:00:00.000");
  expect(remainingMs("2027-05-01T00:10:00.000")).toBe(600_000);
  vi.advanceTimersByTime(60_000);
  expect(remainingMs("2027-05-01T00:10:00.000")).toBe(540_000);
});
