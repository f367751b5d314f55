/** Evaluates nodes of a template in a scope; the only place that knows all data, helper, condition and action types. */
import { actions } from "./actions";
import { conditions } from "./conditions";
import {
  type Context,
  type DataRef,
  Handle,
  type ResolvedAction,
  type Scope,
  type Subject,
  type Verdict,
} from "./context";
import { data } from "./data";
import { helpers } from "./helpers";
import type { ComponentNode, Node } from "./template";

const PASSED: Verdict = { passed: true, direct: "", opposite: "" };

/**
 * The value of a node: JSON for literals, data and helpers, a boolean for conditions, a Handle for views,
 * actions and everything that this version does not know.
 */
export function evaluate(node: Node | undefined, scope: Scope): unknown {
  if (node === undefined) return undefined;
  switch (node.kind) {
    case "literal":
      return node.value;
    case "target":
      return node.path;
    case "broken":
      return new Handle(node, scope);
    case "list":
      return node.items.map((item) => evaluate(item, scope));
    case "object":
      return Object.fromEntries(
        Object.entries(node.entries).map(([key, item]) => [key, evaluate(item, scope)]),
      );
    case "component":
      return evaluateComponent(node, scope);
  }
}

function evaluateComponent(node: ComponentNode, scope: Scope): unknown {
  const source = data.get(node.type);
  if (source) return source.read(node.props, contextOf(scope));
  const helper = helpers.get(node.type);
  if (helper) return helper.evaluate(node.props, contextOf(scope));
  if (conditions.has(node.type)) return checkCondition(node, scope).passed;
  return new Handle(node, scope);
}

/** Any value where a condition may stand: undefined passes, booleans are themselves, the rest fails. */
export function checkCondition(node: Node | undefined, scope: Scope, subject: Subject = {}): Verdict {
  if (node?.kind === "component") {
    const definition = conditions.get(node.type);
    if (definition) {
      const verdict = definition.check(node.props, contextOf(scope), subject);
      const hint = evaluate(node.props.hint, scope);
      return typeof hint === "string" && hint !== "" ? { ...verdict, direct: hint, opposite: hint } : verdict;
    }
    if (node.type.startsWith("condition.")) return PASSED;
  }
  const value = evaluate(node, scope);
  return { ...PASSED, passed: value === undefined || value === true };
}

/** The place that a `data.*` node stands for, or undefined when it is not writable data. */
export function resolveRef(node: Node | undefined, scope: Scope): DataRef | undefined {
  if (node?.kind !== "component") return undefined;
  return data.get(node.type)?.ref?.(node.props, contextOf(scope));
}

/** Evaluates an action; undefined when it resolves to nothing or is unknown. */
export function resolveAction(handle: Handle): ResolvedAction | undefined {
  if (handle.node.kind !== "component") return undefined;
  return actions.get(handle.node.type)?.resolve(handle.node.props, contextOf(handle.scope));
}

/** Does what an action says, as one change of the task's data. */
export function dispatch(handle: Handle): void {
  const { task } = handle.scope;
  const action = resolveAction(handle);
  if (action) task.batch(() => actions.get(action.type)?.apply(action, task));
}

/** Whether this version knows what to do with a component that is not drawn. */
export function isKnownLogic(type: string): boolean {
  return [data, helpers, conditions, actions].some((table) => table.has(type));
}

function contextOf(scope: Scope): Context {
  return {
    scope,
    value: (node, inner = scope) => evaluate(node, inner),
    check: (node, subject) => checkCondition(node, scope, subject),
    ref: (node) => resolveRef(node, scope),
  };
}
