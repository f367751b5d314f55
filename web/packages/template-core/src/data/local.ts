/** `data.local`: what the enclosing helper or plugin offers, such as the item of a `helper.transform`. */
import { type DataDefinition, textOf } from "../context";
import { getAt, splitPath } from "../json";

export const local: DataDefinition = {
  type: "data.local",
  read(props, context) {
    const value = getAt(context.scope.local, splitPath(textOf(context.value(props.path))));
    return value === undefined ? context.value(props.default) : value;
  },
};
