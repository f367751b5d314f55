/** Answers not sent yet, kept in this browser for a day so that a reload or a crash loses nothing. */
import { isObject, type JsonObject } from "@talka/template-core";

const PREFIX = "TASK_STATE:";
const LIFE_MS = 24 * 60 * 60 * 1000;

export interface Draft {
  readonly output: JsonObject;
  readonly opened: readonly string[];
}

const keyOf = (assignmentId: string, taskId: string): string => `${PREFIX}${assignmentId}:${taskId}`;

function parse(text: string | null, now: number): Draft | undefined {
  try {
    const stored: unknown = JSON.parse(text ?? "null");
    if (!isObject(stored) || typeof stored.saved !== "number" || now - stored.saved > LIFE_MS)
      return undefined;
    if (!isObject(stored.output)) return undefined;
    const opened = Array.isArray(stored.opened) ? stored.opened.filter((url) => typeof url === "string") : [];
    return { output: stored.output, opened };
  } catch {
    return undefined;
  }
}

export function loadDraft(assignmentId: string, taskId: string): Draft | undefined {
  return parse(localStorage.getItem(keyOf(assignmentId, taskId)), Date.now());
}

/** A full or forbidden storage loses the draft, not the work. */
export function saveDraft(assignmentId: string, taskId: string, draft: Draft): void {
  try {
    localStorage.setItem(keyOf(assignmentId, taskId), JSON.stringify({ saved: Date.now(), ...draft }));
  } catch (error) {
    console.warn("The draft could not be kept in this browser", error);
  }
}

function removeWhere(matches: (key: string) => boolean): void {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(PREFIX) && matches(key)) localStorage.removeItem(key);
}

export function dropDrafts(assignmentId: string): void {
  removeWhere((key) => key.startsWith(`${PREFIX}${assignmentId}:`));
}

/** Removes drafts that are too old or cannot be read. */
export function purgeDrafts(): void {
  const now = Date.now();
  removeWhere((key) => parse(localStorage.getItem(key), now) === undefined);
}
