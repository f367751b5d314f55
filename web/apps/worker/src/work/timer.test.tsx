import { MantineProvider } from "@mantine/core";
import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { formatDuration, Timer } from "./timer";

beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 0, 10, 10) }));
afterEach(() => vi.useRealTimers());

test("durations", () => {
  expect([0, 5, 65, 3600, 36_061, 172_800].map(formatDuration)).toEqual([
    "0:00",
    "0:05",
    "1:05",
    "1:00:00",
    "10:01:01",
    "2 days",
  ]);
});

test("counts down, warns in the last minute, and tells the end", () => {
  const onEnd = vi.fn();
  render(
    <MantineProvider>
      <Timer
        term={{ created: "2026-01-10T10:00:00.000", expires: "2026-01-10T10:01:05.000" }}
        visible
        onEnd={onEnd}
      />
    </MantineProvider>,
  );
  expect(screen.getByRole("timer").textContent).toBe("1:05");
  expect(screen.getByRole("status").textContent).toBe("");
  act(() => vi.advanceTimersByTime(5_000));
  expect(screen.getByRole("timer").textContent).toBe("1:00");
  expect(screen.getByRole("status").textContent).toContain("Less than a minute");
  expect(onEnd).not.toHaveBeenCalled();
  act(() => vi.advanceTimersByTime(60_000));
  expect(onEnd).toHaveBeenCalled();
});
