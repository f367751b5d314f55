import { describe, expect, test } from "vitest";
import type { DataRef } from "./context";
import type { JsonObject } from "./json";
import { type Mounted, type TaskOptions, TaskState } from "./task";
import { parseTemplate } from "./template";

const out = (path: string): DataRef => ({ store: "output", path: path.split(".") });

function field(task: TaskState, props: JsonObject = {}, path = "a"): Mounted {
  const config = { view: { type: "field.text", data: { type: "data.output", path, ...props }, ...props } };
  const node = parseTemplate(JSON.stringify(config)).view;
  if (node.kind !== "component") throw new Error("not a component");
  return { node, scope: { task }, owns: [out(path)] };
}
const newTask = (options: Partial<TaskOptions> = {}) => new TaskState({ input: {}, ...options });
const validation = { validation: { type: "condition.required" } };

describe("mounting", () => {
  test("a default is applied once, at mount, without touching", () => {
    const task = newTask();
    expect(task.output).toEqual({});
    const entry = field(task, { default: "x", validation: { type: "condition.equals", to: "y" } });
    task.mount(entry);
    expect(task.output).toEqual({ a: "x" });
    expect(task.visibleMessages(entry)).toEqual([]);
    task.write(out("a"), undefined);
    task.mount(entry);
    expect(task.output).toEqual({});
  });

  test("hiding removes the answer, showing again brings it back", () => {
    const task = newTask({ output: { b: 1 } });
    const entry = field(task);
    const unmount = task.mount(entry);
    task.write(out("a"), "kept");
    unmount();
    task.settle();
    expect(task.output).toEqual({ b: 1 });
    task.mount(entry);
    expect(task.output).toEqual({ b: 1, a: "kept" });
  });

  test("an answer stays while another field holds it or a part above it, and when it comes back at once", () => {
    const task = newTask();
    const parent = task.mount(field(task, {}, "a"));
    const child = task.mount(field(task, {}, "a.b"));
    task.write(out("a.b"), 1);
    child();
    task.settle();
    expect(task.output).toEqual({ a: { b: 1 } });
    parent();
    task.mount(field(task, {}, "a"));
    task.settle();
    expect(task.output).toEqual({ a: { b: 1 } });
  });

  test("a page that goes as a whole keeps its answers", async () => {
    const task = newTask();
    const unmount = task.mount(field(task));
    task.write(out("a"), "x");
    task.dispose();
    unmount();
    await Promise.resolve();
    expect(task.output).toEqual({ a: "x" });
  });
});

describe("validation", () => {
  test("errors show after a touch or a submit, and only for what is on screen", () => {
    const task = newTask();
    const entry = field(task, validation);
    const unmount = task.mount(entry);
    expect(task.isValid()).toBe(false);
    expect(task.visibleMessages(entry)).toEqual([]);
    expect(task.attemptSubmit()).toBe(false);
    expect(task.visibleMessages(entry)).toEqual(["Answer this question"]);
    task.write(out("a"), "x");
    expect(task.attemptSubmit()).toBe(true);
    task.write(out("a"), undefined);
    expect(task.isValid()).toBe(false);
    unmount();
    expect(task.attemptSubmit()).toBe(true);
  });

  test("clearing a field shows its error at once", () => {
    const task = newTask();
    const entry = field(task, validation);
    task.mount(entry);
    task.write(out("a"), "x");
    task.write(out("a"), undefined);
    expect(task.visibleMessages(entry)).toEqual(["Answer this question"]);
  });
});

test("a read-only task ignores every write", () => {
  const task = newTask({ mode: "read-only", output: { a: 1 } });
  task.mount(field(task, { default: 5 }, "b"));
  task.write(out("a"), 2);
  expect(task.output).toEqual({ a: 1 });
});

test("input cannot be written", () => {
  const task = newTask({ input: { a: 1 } });
  task.write({ store: "input", path: ["a"] }, 2);
  expect(task.input).toEqual({ a: 1 });
});
