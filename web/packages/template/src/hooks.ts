/** Ties React to the running state of a task: a component draws again only when what it reads has changed. */
import {
  type DataRef,
  deepEqual,
  evaluate,
  type Handle,
  hotkeyFor,
  resolveRef,
  type TaskState,
} from "@talka/template-core";
import { useCallback, useContext, useMemo, useSyncExternalStore } from "react";
import { PageContext } from "./page-context";
import { flag, type Kinds, type PropsOf, type Spec } from "./spec";

/**
 * A value computed from a task. It is computed again when the task has changed, and keeps its identity while it
 * stays deeply equal. `compute` must be stable (useCallback).
 */
export function useTaskValue<T>(task: TaskState, compute: () => T): T {
  const snapshot = useMemo(() => {
    let version = -1;
    let value: T;
    return (): T => {
      if (version === task.getVersion()) return value;
      const next = compute();
      if (version === -1 || !deepEqual(value, next)) value = next;
      version = task.getVersion();
      return value;
    };
  }, [task, compute]);
  return useSyncExternalStore(task.subscribe, snapshot);
}

export function nodeProps(handle: Handle) {
  return handle.node.kind === "component" ? handle.node.props : {};
}

/** A component's evaluated properties, as its spec types them. */
export function useProps<K extends Kinds>(spec: Spec<K>, handle: Handle): PropsOf<K> {
  const compute = useCallback(() => {
    const nodes = nodeProps(handle);
    const values = Object.entries(spec.props).map(([name, kind]) => [
      name,
      kind(evaluate(nodes[name], handle.scope)),
    ]);
    return Object.fromEntries(values) as PropsOf<K>;
  }, [spec, handle]);
  return useTaskValue(handle.scope.task, compute);
}

export function dataOf(handle: Handle): DataRef | undefined {
  return resolveRef(nodeProps(handle).data, handle.scope);
}

export interface Field {
  readonly data: DataRef | undefined;
  readonly value: unknown;
  readonly disabled: boolean;
  readonly readOnly: boolean;
  set(value: unknown): void;
}

const isDisabled = flag();

/** The answer that a field holds, and the way to change it. */
export function useField(handle: Handle): Field {
  const { task } = handle.scope;
  const compute = useCallback(() => {
    const data = dataOf(handle);
    const disabled = isDisabled(evaluate(nodeProps(handle).disabled, handle.scope));
    return { data, value: data && task.read(data), disabled };
  }, [handle, task]);
  const { data, value, disabled } = useTaskValue(task, compute);
  const readOnly = task.mode === "read-only";
  const set = (next: unknown) => data && task.write(data, next);
  return { data, value, disabled: disabled || readOnly || data === undefined, readOnly, set };
}

/** The key that toggles a place, if a hotkey does that. */
export function useToggleKey(handle: Handle, data: DataRef | undefined): string | undefined {
  const { template } = useContext(PageContext);
  const { task } = handle.scope;
  const compute = useCallback(
    () => (template && data ? hotkeyFor(template, { task }, { type: "action.toggle", data }) : undefined),
    [template, data, task],
  );
  return useTaskValue(task, compute);
}
