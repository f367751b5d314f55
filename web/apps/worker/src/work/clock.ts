/** How far the server's clock is from this browser's, learned from pages that were issued just now. */
import { parseTime } from "@talka/ui";

const KEY = "CLOCK_OFFSET_MS";

/** A page's `created` is the server's present at the moment its take is answered. */
export function learnClock(created: string): void {
  sessionStorage.setItem(KEY, String(parseTime(created) - Date.now()));
}

/** Milliseconds until a server time, by the server's clock. */
export function remainingMs(time: string): number {
  return parseTime(time) - Date.now() - Number(sessionStorage.getItem(KEY) ?? 0);
}
