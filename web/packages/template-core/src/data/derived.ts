/** `data.relative` and `data.sub`: places inside another writable place. */
import { type Context, type DataDefinition, type DataRef, textOf } from "../context";
import { splitPath } from "../json";
import type { Props } from "../template";

type Resolve = (props: Props, context: Context) => DataRef | undefined;

function inside(type: string, parentOf: Resolve): DataDefinition {
  const ref: Resolve = (props, context) => {
    const parent = parentOf(props, context);
    return parent && { ...parent, path: [...parent.path, ...splitPath(textOf(context.value(props.path)))] };
  };
  const read = (props: Props, context: Context): unknown => {
    const place = ref(props, context);
    return place && context.scope.task.read(place);
  };
  return { type, ref, read };
}

export const relative = inside("data.relative", (_, context) => context.scope.relative);
export const sub = inside("data.sub", (props, context) => context.ref(props.parent));
