import { afterEach, expect, test, vi } from "vitest";
import { dropDrafts, loadDraft, purgeDrafts, saveDraft } from "./drafts";

afterEach(() => {
  localStorage.clear();
  vi.useRealTimers();
});

const draft = { output: { label: "a" }, opened: ["https://example.org"] };

test("a draft comes back, under the documented key", () => {
  saveDraft("as1", "t1", draft);
  expect(localStorage.getItem("TASK_STATE:as1:t1")).not.toBeNull();
  expect(loadDraft("as1", "t1")).toEqual(draft);
  expect(loadDraft("as1", "t2")).toBeUndefined();
});

test("a draft lives for a day", () => {
  vi.useFakeTimers({ now: 0 });
  saveDraft("as1", "t1", draft);
  vi.setSystemTime(24 * 3_600_000);
  expect(loadDraft("as1", "t1")).toEqual(draft);
  vi.setSystemTime(24 * 3_600_000 + 1);
  expect(loadDraft("as1", "t1")).toBeUndefined();
});

test("purging removes the old and the broken, dropping one assignment's only", () => {
  localStorage.setItem("TASK_STATE:as0:t1", "{broken");
  localStorage.setItem("other", "{broken");
  saveDraft("as1", "t1", draft);
  saveDraft("as10", "t1", draft);
  purgeDrafts();
  expect(Object.keys(localStorage).sort()).toEqual(["TASK_STATE:as10:t1", "TASK_STATE:as1:t1", "other"]);
  dropDrafts("as1");
  expect(Object.keys(localStorage).sort()).toEqual(["TASK_STATE:as10:t1", "other"]);
});
