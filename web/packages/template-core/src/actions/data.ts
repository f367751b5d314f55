/** Actions that change data: set, toggle. */
import type { ActionDefinition } from "../context";

export const set: ActionDefinition = {
  type: "action.set",
  resolve(props, context) {
    const data = context.ref(props.data);
    return data && { type: "action.set", data, payload: context.value(props.payload) };
  },
  apply: ({ data, payload }, task) => data && task.write(data, payload),
};

export const toggle: ActionDefinition = {
  type: "action.toggle",
  resolve(props, context) {
    const data = context.ref(props.data);
    return data && { type: "action.toggle", data };
  },
  apply: ({ data }, task) => data && task.write(data, task.read(data) === true ? undefined : true),
};
