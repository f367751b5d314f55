import { describe, expect, test } from "vitest";
import { Handle, type Scope } from "../context";
import { dispatch, evaluate, resolveAction } from "../evaluate";
import { TaskState } from "../task";
import { parseTemplate } from "../template";
import { hotkeyActions, hotkeyFor, keyName } from "./hotkeys";
import { pageLayout } from "./toloka";

const set = (payload: unknown) => ({
  type: "action.set",
  data: { type: "data.output", path: "result" },
  payload,
});
const build = (plugins: unknown[], view: unknown = set(true)) => ({
  template: parseTemplate(JSON.stringify({ view, plugins })),
  scope: { task: new TaskState({ input: { width: 300 } }) } satisfies Scope,
});

describe("plugin.hotkeys", () => {
  test.each([
    [{ key: "A", code: "KeyA" }, "a"],
    [{ key: "ф", code: "KeyA" }, "a"],
    [{ key: "7", code: "Numpad7" }, "7"],
    [{ key: "&", code: "Digit1" }, "1"],
    [{ key: "ArrowUp", code: "ArrowUp" }, "up"],
    [{ key: "k", code: "KeyK", ctrlKey: true }, "ctrl+k"],
    [{ key: "Tab", code: "Tab" }, undefined],
  ])("%j is called %s", (press, name) => {
    expect(keyName(press)).toBe(name);
  });

  test("several blocks coexist and act on the task", () => {
    const { template, scope } = build([
      { type: "plugin.hotkeys", 1: set("a") },
      { type: "plugin.hotkeys", 2: set("b"), 3: { type: "helper.if", condition: false, then: set("c") } },
    ]);
    for (const handle of hotkeyActions(template, scope, "2")) dispatch(handle);
    expect(scope.task.output).toEqual({ result: "b" });
    expect(hotkeyActions(template, scope, "3")).toEqual([]);
    expect(hotkeyActions(template, scope, "constructor")).toEqual([]);
  });

  test("a control shows the key of the same action, type-strictly", () => {
    const { template, scope } = build([{ type: "plugin.hotkeys", 1: set("true"), 2: set(true) }]);
    const own = evaluate(template.view, scope);
    const action = own instanceof Handle ? resolveAction(own) : undefined;
    expect(action && hotkeyFor(template, scope, action)).toBe("2");
  });
});

describe("plugin.toloka", () => {
  test.each([
    [[], "scroll", "100%"],
    [[{ type: "plugin.toloka" }], "scroll", "100%"],
    [[{ type: "plugin.toloka", layout: { kind: "pager", taskWidth: 500 } }], "pager", "500px"],
    [[{ type: "plugin.toloka", layout: { kind: "odd", taskWidth: "80%" } }], "scroll", "80%"],
    [[{ type: "plugin.toloka", layout: { taskWidth: "url(x)" } }], "scroll", "100%"],
  ])("%j", (plugins, kind, taskWidth) => {
    const { template, scope } = build(plugins);
    expect(pageLayout(template, scope)).toEqual({ kind, taskWidth, notifications: [] });
  });
});
