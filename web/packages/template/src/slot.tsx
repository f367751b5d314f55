/** Draws a view where a config puts one, with its label, hint and errors; a placeholder for what it cannot draw. */
import { evaluate, type Handle, type Mounted, textOf } from "@talka/template-core";
import { Component, type ReactNode, useCallback, useContext, useId, useLayoutEffect, useMemo } from "react";
import type { ComponentDefinition, ControlAttributes } from "./component";
import { ErrorList, Label } from "./frame";
import classes from "./frame.module.css";
import { dataOf, nodeProps, useProps, useTaskValue } from "./hooks";
import { PageContext } from "./page-context";
import { Placeholder } from "./placeholder";
import type { Kinds } from "./spec";

export function Slot({ handle }: { handle: Handle | undefined }) {
  const { components } = useContext(PageContext);
  if (!handle) return null;
  if (handle.node.kind === "broken") return <Placeholder>{handle.node.message}</Placeholder>;
  const definition = components.get(handle.type);
  if (!definition)
    return <Placeholder>{`"${handle.type}" cannot be shown: this version does not know it`}</Placeholder>;
  return (
    <Guard type={handle.type}>
      <Mount handle={handle} definition={definition} />
    </Guard>
  );
}

export function Slots({ handles }: { handles: readonly Handle[] }) {
  const seen = new Map<string, number>();
  return handles.map((handle) => {
    const count = seen.get(handle.node.path) ?? 0;
    seen.set(handle.node.path, count + 1);
    return <Slot key={`${handle.node.path}#${count}`} handle={handle} />;
  });
}

/** Keeps one component's failure from taking the page with it. */
class Guard extends Component<{ type: string; children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    return error ? (
      <Placeholder>{`"${this.props.type}" failed: ${error.message}`}</Placeholder>
    ) : (
      this.props.children
    );
  }
}

function useMounted(handle: Handle, definition: ComponentDefinition): Mounted | undefined {
  const { scope, node } = handle;
  const findOwned = useCallback(() => {
    if (definition.owns) return definition.owns(handle);
    const data = handle.type.startsWith("field.") ? dataOf(handle) : undefined;
    return data ? [data] : [];
  }, [handle, definition]);
  const owns = useTaskValue(scope.task, findOwned);
  const entry = useMemo(
    () => (node.kind === "component" ? { node, scope, owns } : undefined),
    [node, scope, owns],
  );
  useLayoutEffect(() => entry && scope.task.mount(entry), [entry, scope.task]);
  return entry;
}

const NO_MESSAGES: readonly string[] = [];

function useMessages(handle: Handle, entry: Mounted | undefined): readonly string[] {
  const { task } = handle.scope;
  const compute = useCallback(() => (entry ? task.visibleMessages(entry) : NO_MESSAGES), [task, entry]);
  return useTaskValue(task, compute);
}

function useLabel(handle: Handle) {
  const compute = useCallback(() => {
    const read = (name: string): unknown => evaluate(nodeProps(handle)[name], handle.scope);
    return {
      label: textOf(read("label")),
      hint: textOf(read("hint")),
      required: read("requiredMark") === true,
    };
  }, [handle]);
  return useTaskValue(handle.scope.task, compute);
}

function Mount({ handle, definition }: { handle: Handle; definition: ComponentDefinition }) {
  const { spec, View } = definition;
  const id = useId();
  const entry = useMounted(handle, definition);
  const props = useProps<Kinds>(spec, handle);
  const messages = useMessages(handle, entry);
  const { label, hint, required } = useLabel(handle);
  const drawn = (spec.label ?? "group") === "group" || spec.label === "control" ? label : "";
  const invalid = messages.length > 0;
  const control: ControlAttributes = {
    id,
    "aria-labelledby": drawn ? `${id}-label` : undefined,
    "aria-errormessage": invalid ? `${id}-errors` : undefined,
    "aria-invalid": invalid || undefined,
  };
  return (
    <div className={classes.frame} data-component={spec.type} data-invalid={invalid || undefined}>
      {drawn !== "" && (
        <Label id={id} text={drawn} hint={hint} required={required} forControl={spec.label === "control"} />
      )}
      <View props={props as never} handle={handle} control={control} />
      <ErrorList id={`${id}-errors`} messages={messages} />
    </div>
  );
}
