/** What the parts of a template see while they are evaluated: their scope, and the evaluator itself. */
import { deepEqual, isObject } from "./json";
import type { TaskState } from "./task";
import type { BrokenNode, ComponentNode, Node, Props } from "./template";

/** A place in one of a task's stores. `input` can be read only. */
export interface DataRef {
  readonly store: "input" | "output" | "internal";
  readonly path: readonly string[];
}

export interface Scope {
  readonly task: TaskState;
  /** What `data.local` reads. */
  readonly local?: unknown;
  /** What `data.relative` is relative to. */
  readonly relative?: DataRef;
}

/** A view or an action together with the scope it was found in; stable while both stay equal. */
export class Handle {
  constructor(
    readonly node: ComponentNode | BrokenNode,
    readonly scope: Scope,
  ) {}

  get type(): string {
    return this.node.kind === "component" ? this.node.type : "broken";
  }

  equals(other: unknown): boolean {
    if (!(other instanceof Handle) || other.node !== this.node) return false;
    const { scope } = other;
    return (
      scope.task === this.scope.task &&
      deepEqual(scope.local, this.scope.local) &&
      deepEqual(scope.relative, this.scope.relative)
    );
  }
}

/** What a condition is about when it does not say so itself: the enclosing field's data and view. */
export interface Subject {
  readonly data?: unknown;
  readonly viewPath?: string;
}

/** `direct` says what to do to pass, `opposite` what to do to fail (for use below `condition.not`). */
export interface Verdict {
  readonly passed: boolean;
  readonly direct: string;
  readonly opposite: string;
}

export interface Context {
  readonly scope: Scope;
  value(node: Node | undefined, scope?: Scope): unknown;
  check(node: Node | undefined, subject?: Subject): Verdict;
  ref(node: Node | undefined): DataRef | undefined;
}

export interface DataDefinition {
  readonly type: string;
  read(props: Props, context: Context): unknown;
  ref?(props: Props, context: Context): DataRef | undefined;
}

export interface HelperDefinition {
  readonly type: string;
  evaluate(props: Props, context: Context): unknown;
}

export interface ConditionDefinition {
  readonly type: string;
  check(props: Props, context: Context, subject: Subject): Verdict;
}

/** An action with everything in it evaluated; two that are deeply equal do the same. */
export interface ResolvedAction {
  readonly type: string;
  readonly data?: DataRef;
  readonly payload?: unknown;
  readonly view?: string;
}

export interface ActionDefinition {
  readonly type: string;
  resolve(props: Props, context: Context): ResolvedAction | undefined;
  apply(action: ResolvedAction, task: TaskState): void;
}

/** How any value reads as text: nothing for undefined, JSON for what is neither string nor number. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (value instanceof Handle) return `[${value.type}]`;
  return isObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
}
