import { afterEach, expect, test, vi } from "vitest";
import { learnClock, remainingMs } from "./clock";

afterEach(() => {
  localStorage.clear();
  vi.useRealTimers();
});

test("remaining time follows the server's clock, not the browser's", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 10, 10) });
  const now = { created: "2026-01-10T10:00:00.000", expires: "2026-01-10T10:10:00.000" };
  const later = { created: "2027-05-01T00:00:00.000", expires: "2027-05-01T00:10:00.000" };
  expect(remainingMs(now)).toBe(600_000);
  learnClock(later.created);
  expect(remainingMs(later)).toBe(600_000);
  vi.advanceTimersByTime(60_000);
  expect(remainingMs(later)).toBe(540_000);
});

test("a wrong clock never gives more than the whole term", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 10, 9) });
  expect(remainingMs({ created: "2026-01-10T10:00:00.000", expires: "2026-01-10T10:10:00.000" })).toBe(
    600_000,
  );
});
