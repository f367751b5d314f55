/** Money, counts and times as people read them. */
import { Text, Tooltip } from "@mantine/core";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const money = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  minimumFractionDigits: 2,
  maximumFractionDigits: 4,
});
const counts = new Intl.NumberFormat("en-US");
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

export const formatMoney = (amount: number): string => money.format(amount);
export const formatCount = (count: number): string => counts.format(count);

/** "1 task", "5 tasks". */
export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;

/** Milliseconds since the epoch of an API date, which is UTC with or without a zone. */
export function parseTime(date: string): number {
  return Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(date) ? date : `${date}Z`);
}

/** "3 hours ago", "in 2 days". */
export function relativeTime(time: number, now: number): string {
  const distance = time - now;
  const size = Math.abs(distance);
  if (size < MINUTE_MS) return "just now";
  if (size < HOUR_MS) return relative.format(Math.round(distance / MINUTE_MS), "minute");
  if (size < DAY_MS) return relative.format(Math.round(distance / HOUR_MS), "hour");
  if (size < 60 * DAY_MS) return relative.format(Math.round(distance / DAY_MS), "day");
  return exact.format(time);
}

/** A time told from now, with the exact one on hover. */
export function RelativeTime({ date }: { date: string }) {
  const time = parseTime(date);
  return (
    <Tooltip label={exact.format(time)} openDelay={200}>
      <Text span inherit component="time" dateTime={new Date(time).toISOString()} className="talka-numbers">
        {relativeTime(time, Date.now())}
      </Text>
    </Tooltip>
  );
}
