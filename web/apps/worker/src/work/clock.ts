/** How far the server's clock is from this browser's, learned from pages that were issued just now. */
import { parseTime } from "@talka/ui";

const KEY = "CLOCK_OFFSET_MS";

/** From when until when a page may be worked on, by the server's clock. */
export interface Term {
  readonly created: string;
  readonly expires: string;
}

/** A page's `created` is the server's present at the moment its take is answered. */
export function learnClock(created: string): void {
  localStorage.setItem(KEY, String(parseTime(created) - Date.now()));
}

/** Milliseconds left of a term; never more than all of it, however wrong the clocks are. */
export function remainingMs({ created, expires }: Term): number {
  const left = parseTime(expires) - Date.now() - Number(localStorage.getItem(KEY) ?? 0);
  return Math.min(left, parseTime(expires) - parseTime(created));
}
