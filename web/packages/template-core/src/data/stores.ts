/** `data.input`, `data.output`, `data.internal`: the stores of the task itself. */
import { type Context, type DataDefinition, type DataRef, textOf } from "../context";
import { splitPath } from "../json";
import type { Props } from "../template";

const refTo = (store: DataRef["store"], props: Props, context: Context): DataRef => ({
  store,
  path: splitPath(textOf(context.value(props.path))),
});

export const input: DataDefinition = {
  type: "data.input",
  read(props, context) {
    const value = context.scope.task.read(refTo("input", props, context));
    return value === undefined ? context.value(props.default) : value;
  },
};

/** A default is applied when a field mounts, never on reading. */
function writable(store: "output" | "internal"): DataDefinition {
  return {
    type: `data.${store}`,
    read: (props, context) => context.scope.task.read(refTo(store, props, context)),
    ref: (props, context) => refTo(store, props, context),
  };
}

export const output = writable("output");
export const internal = writable("internal");
