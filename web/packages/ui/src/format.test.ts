import { expect, test } from "vitest";
import { formatMoney, parseTime, plural, relativeTime } from "./format";

test("money keeps its small parts", () => {
  expect([0, 0.05, 0.005, 1234.5].map(formatMoney)).toEqual(["$0.00", "$0.05", "$0.005", "$1,234.50"]);
});

test("API dates are UTC", () => {
  expect(parseTime("2026-01-10T10:00:00.000")).toBe(Date.UTC(2026, 0, 10, 10));
  expect(parseTime("2026-01-10T10:00:00.000Z")).toBe(Date.UTC(2026, 0, 10, 10));
});

test("times are told from now", () => {
  const now = Date.UTC(2026, 0, 10, 10);
  expect(relativeTime(now - 20_000, now)).toBe("just now");
  expect(relativeTime(now - 3 * 3_600_000, now)).toBe("3 hours ago");
  expect(relativeTime(now + 2 * 86_400_000, now)).toBe("in 2 days");
});

test("plural", () => {
  expect([plural(1, "task"), plural(1000, "task"), plural(2, "reply", "replies")]).toEqual([
    "1 task",
    "1,000 tasks",
    "2 replies",
  ]);
});
