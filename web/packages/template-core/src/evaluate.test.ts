import { describe, expect, test } from "vitest";
import { Handle, type Scope } from "./context";
import { checkCondition, dispatch, evaluate, resolveAction } from "./evaluate";
import type { JsonObject } from "./json";
import { TaskState } from "./task";
import { parseTemplate } from "./template";

const input = (path: string, extra: JsonObject = {}) => ({ type: "data.input", path, ...extra });
const output = (path: string) => ({ type: "data.output", path });

/** Evaluates one value of a config whose task has this input and output. */
function scopeOf(inputs: JsonObject = {}, outputs: JsonObject = {}): Scope {
  return { task: new TaskState({ input: inputs, output: outputs }) };
}
const node = (value: unknown) => parseTemplate(JSON.stringify({ view: value })).view;
const resultOf = (value: unknown, scope = scopeOf()) => evaluate(node(value), scope);
const check = (value: unknown, scope = scopeOf(), data?: unknown) =>
  checkCondition(node(value), scope, { data });

describe("data", () => {
  test("input falls back to its default, output does not", () => {
    expect(resultOf(input("a.1"), scopeOf({ a: ["x", "y"] }))).toBe("y");
    expect(resultOf(input("none", { default: input("b") }), scopeOf({ b: 7 }))).toBe(7);
    expect(resultOf({ ...output("none"), default: 1 })).toBeUndefined();
    expect(resultOf(input(""), scopeOf({ a: 1 }))).toEqual({ a: 1 });
  });

  test("sub and relative extend a place", () => {
    const scope: Scope = {
      ...scopeOf({}, { list: [{ a: 1 }] }),
      relative: { store: "output", path: ["list", "0"] },
    };
    expect(resultOf({ type: "data.relative", path: "a" }, scope)).toBe(1);
    expect(resultOf({ type: "data.sub", parent: output("list"), path: "0.a" }, scope)).toBe(1);
  });
});

describe("helpers", () => {
  test.each<[unknown, unknown]>([
    [
      { type: "helper.if", condition: { type: "condition.equals", data: 1, to: 1 }, then: "a", else: "b" },
      "a",
    ],
    [{ type: "helper.if", condition: { type: "condition.equals", data: 1, to: "1" }, then: "a" }, undefined],
    [
      {
        type: "helper.switch",
        cases: [
          { condition: { type: "condition.empty", data: 1 }, result: "first" },
          { condition: { type: "condition.empty", data: [] }, result: "second" },
        ],
        default: "none",
      },
      "second",
    ],
    [{ type: "helper.switch", cases: [], default: "none" }, "none"],
    [{ type: "helper.join", items: ["a", 1, null, "b"], by: "-" }, "a-1--b"],
    [{ type: "helper.concat-arrays", items: [[1], "no", [2, 3]] }, [1, 2, 3]],
    [{ type: "helper.entries2object", entries: [{ key: "a", value: 1 }] }, { a: 1 }],
    [{ type: "helper.object2entries", data: { a: 1 } }, [{ key: "a", value: 1 }]],
    [{ type: "helper.object2entries", data: "no" }, []],
    [{ type: "helper.replace", data: "a.b.c", find: ".", replace: "$&" }, "a$&b$&c"],
    [
      { type: "helper.replace", data: "aA", find: "a", replace: "x", params: { caseInsensitive: true } },
      "xx",
    ],
    [
      {
        type: "helper.replace",
        data: "ab12",
        find: "\\d",
        replace: "",
        params: { regExp: true, replaceAll: false },
      },
      "ab2",
    ],
    [{ type: "helper.replace", data: 5, find: "5", replace: "6" }, 5],
    [{ type: "helper.text-transform", data: "hELLO", transformation: "capitalize" }, "Hello"],
    [{ type: "helper.text-transform", transformation: "uppercase" }, ""],
    [
      {
        type: "helper.transform",
        items: ["x", "y"],
        into: {
          type: "helper.join",
          items: [
            { type: "data.local", path: "item" },
            { type: "data.local", path: "index" },
          ],
        },
      },
      ["x0", "y1"],
    ],
    [{ type: "helper.transform", items: 5, into: "x" }, []],
    [{ type: "helper.translate", key: "hello" }, "hello"],
    [{ type: "helper.sum", items: [1, 2, 3] }, 6],
    [{ type: "helper.multiply", items: [2, 3] }, 6],
    [{ type: "helper.length", data: { a: 1, b: 2 } }, 2],
    [{ type: "helper.length", data: null }, 0],
    [
      { type: "helper.search-query", query: "a b&c", engine: "bing" },
      "https://www.bing.com/search?q=a%20b%26c",
    ],
    [
      { type: "helper.search-query", query: "a", engine: { name: "yandex", regionId: 2, family: "yes" } },
      "https://yandex.ru/search/?text=a&lr=2&family=yes",
    ],
    [{ type: "helper.search-query", query: "a b" }, "a%20b"],
  ])("%j is %j", (config, expected) => {
    expect(resultOf(config)).toEqual(expected);
  });

  test("a branch may be a view, and stays equal to itself", () => {
    const config = node({ type: "helper.if", condition: true, then: { type: "view.text", content: "x" } });
    const scope = scopeOf();
    const [a, b] = [evaluate(config, scope), evaluate(config, scope)];
    expect(a).toBeInstanceOf(Handle);
    expect((a as Handle).equals(b)).toBe(true);
    expect((a as Handle).equals(evaluate(config, scopeOf()))).toBe(false);
  });
});

describe("conditions", () => {
  const required = { type: "condition.required" };
  test.each<[unknown, unknown, boolean]>([
    [required, undefined, false],
    [required, false, true],
    [required, null, true],
    [{ type: "condition.empty" }, {}, true],
    [{ type: "condition.empty" }, 0, false],
    [{ type: "condition.equals", to: [1, { a: 2 }] }, [1, { a: 2 }], true],
    [{ type: "condition.not", condition: required }, undefined, true],
    [{ type: "condition.all", conditions: [required, { type: "condition.equals", to: "b" }] }, "a", false],
    [{ type: "condition.all", conditions: [] }, "a", true],
    [{ type: "condition.any", conditions: [{ type: "condition.equals", to: "b" }, required] }, "a", true],
    [{ type: "condition.any", conditions: [] }, "a", false],
    [{ type: "condition.contains", in: ["A", "b"] }, "a", true],
    [{ type: "condition.contains", in: "hello" }, "ELL", true],
    [{ type: "condition.sub-array", parent: [1, [2], 3] }, [[2], 3], true],
    [{ type: "condition.sub-array", parent: [1] }, [2], false],
    [{ type: "condition.more", then: 3 }, 3, false],
    [{ type: "condition.more", then: 3, orEquals: true }, 3, true],
    [{ type: "condition.less", then: 3 }, "no", false],
    [{ type: "condition.schema", schema: { type: "string", minLength: 3, pattern: "^a" } }, "abc", true],
    [{ type: "condition.schema", schema: { type: "string", minLength: 3 } }, "ab", false],
    [{ type: "condition.schema", schema: { type: "string" } }, undefined, false],
    [{ type: "condition.schema", schema: {} }, undefined, true],
    [{ type: "condition.schema", schema: { type: "string", pattern: "(" } }, "a", false],
    [
      { type: "condition.same-domain", original: "https://www.example.org/a" },
      "http://example.org:80/b",
      true,
    ],
    [{ type: "condition.same-domain", original: "https://example.org" }, "https://example.com", false],
    [{ type: "condition.distance", from: "55.75,37.61", to: "55.75, 37.62", max: 700 }, undefined, true],
    [{ type: "condition.distance", from: "55.75,37.61", to: "55.75,37.62", max: 500 }, undefined, false],
    [{ type: "condition.distance", from: "rejected,rejected", to: "0,0", max: 500 }, undefined, false],
    [{ type: "condition.distance", from: "0,0,0", to: "0,0", max: 500 }, undefined, false],
    [{ type: "condition.unknown" }, undefined, true],
    [true, undefined, true],
    ["text", undefined, false],
  ])("%j of %j: %j", (config, data, passed) => {
    expect(check(config, scopeOf(), data).passed).toBe(passed);
  });

  test("own data goes before the field's, and a hint replaces every message", () => {
    const config = { type: "condition.required", data: output("a"), hint: "Say a" };
    expect(check(config, scopeOf({}, { a: 1 })).passed).toBe(true);
    expect(check(config, scopeOf(), "field's data")).toEqual({
      passed: false,
      direct: "Say a",
      opposite: "Say a",
    });
  });

  test("messages of combined conditions stand one a line", () => {
    const config = {
      type: "condition.any",
      conditions: [
        { type: "condition.required", hint: "Write a comment" },
        { type: "condition.not", condition: { type: "condition.empty", data: output("b") } },
      ],
    };
    expect(check(config).direct).toBe("Write a comment\nor fill this in");
  });

  test("followed links and players are remembered by the task", () => {
    const scope = scopeOf();
    const opened = { type: "condition.link-opened", url: "https://example.org/" };
    expect(check(opened, scope).passed).toBe(false);
    scope.task.markOpened("https://example.org/");
    expect(check(opened, scope).passed).toBe(true);
    const fully = node({ type: "condition.played-fully" });
    expect(checkCondition(fully, scope, { viewPath: "view" }).passed).toBe(false);
    scope.task.setViewState("view", { error: "decode" });
    expect(checkCondition(fully, scope, { viewPath: "view" }).passed).toBe(true);
  });
});

describe("actions", () => {
  const run = (config: unknown, scope: Scope) => {
    const handle = resultOf(config, scope);
    if (!(handle instanceof Handle)) throw new Error("not an action");
    dispatch(handle);
  };

  test("set, toggle and bulk change data as one transaction", () => {
    const scope = scopeOf({ x: "from input" }, { gone: 1 });
    let told = 0;
    scope.task.subscribe(() => {
      told += 1;
    });
    run(
      {
        type: "action.bulk",
        payload: [
          { type: "action.set", data: output("a"), payload: input("x") },
          { type: "action.set", data: output("gone"), payload: { $empty: true } },
          { type: "action.toggle", data: output("flag") },
        ],
      },
      scope,
    );
    expect(scope.task.output).toEqual({ a: "from input", flag: true });
    expect(told).toBe(1);
    run({ type: "action.toggle", data: output("flag") }, scope);
    expect(scope.task.output).toEqual({ a: "from input" });
  });

  test("open-link opens web addresses only, and records them", () => {
    const opened: string[] = [];
    const scope: Scope = {
      task: new TaskState({ input: {}, host: { openLink: (url) => opened.push(url) } }),
    };
    run({ type: "action.open-link", payload: "javascript:alert(1)" }, scope);
    run({ type: "action.open-link", payload: "https://example.org" }, scope);
    expect(opened).toEqual(["https://example.org"]);
    expect(scope.task.isOpened("https://example.org")).toBe(true);
  });

  test("notify fills in defaults; open-close and rotate move the view's state", () => {
    const notices: unknown[] = [];
    const scope: Scope = {
      task: new TaskState({ input: {}, host: { notify: (notice) => notices.push(notice) } }),
    };
    run({ type: "action.notify", payload: { content: "Hi", theme: "odd" } }, scope);
    expect(notices).toEqual([{ content: "Hi", theme: "info", delay: 0, duration: 4500 }]);
    run({ type: "action.rotate", view: { $ref: "view" }, payload: "left" }, scope);
    run({ type: "action.open-close", view: { $ref: "view" } }, scope);
    expect(scope.task.viewState("view")).toEqual({ rotation: 3, isOpen: true });
  });

  test("nothing to write to resolves to nothing", () => {
    const handle = resultOf({ type: "action.set", data: input("a"), payload: 1 }) as Handle;
    expect(resolveAction(handle)).toBeUndefined();
  });
});
