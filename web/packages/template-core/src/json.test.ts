import { describe, expect, test } from "vitest";
import { deepEqual, getAt, setAt, splitPath } from "./json";

describe("setAt", () => {
  test.each([
    [undefined, "a.b.0", 1, { a: { b: [1] } }],
    [{ a: { b: 1 }, c: 2 }, "a.b", undefined, { c: 2 }],
    [{ a: { b: 1 } }, "a.b", undefined, undefined],
    [{ a: [1, 2] }, "a.0", undefined, { a: [null, 2] }],
    [{ a: [] }, "a.2", 5, { a: [null, null, 5] }],
    [{ a: 1 }, "", { b: 2 }, { b: 2 }],
    [{ a: 1, b: 2 }, "a", 3, { b: 2, a: 3 }],
  ])("%j at %s := %j", (root, path, value, expected) => {
    expect(setAt(root, splitPath(path), value)).toEqual(expected);
  });

  test("leaves the original alone and cannot reach prototypes", () => {
    const root = { a: { b: 1 } };
    setAt(root, ["a", "b"], 2);
    setAt(root, ["__proto__", "polluted"], true);
    expect(root).toEqual({ a: { b: 1 } });
    expect(getAt({}, ["polluted"])).toBeUndefined();
    expect(getAt({}, ["constructor"])).toBeUndefined();
  });
});

test("equality is deep and type-strict; undefined keys are absent", () => {
  expect(deepEqual({ a: [1, { b: null }] }, { a: [1, { b: null }], c: undefined })).toBe(true);
  expect(deepEqual("true", true)).toBe(false);
  expect(deepEqual([1], { 0: 1 })).toBe(false);
  expect(deepEqual({ a: 1 }, { a: 1, b: 2 })).toBe(false);
});
