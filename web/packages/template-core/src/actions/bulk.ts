/** `action.bulk`: several actions in order. */
import { type ActionDefinition, Handle } from "../context";
import { dispatch, resolveAction } from "../evaluate";

const handlesOf = (payload: unknown): Handle[] =>
  (Array.isArray(payload) ? payload : []).filter((item) => item instanceof Handle);

export const bulk: ActionDefinition = {
  type: "action.bulk",
  resolve(props, context) {
    const payload = handlesOf(context.value(props.payload)).filter((handle) => resolveAction(handle));
    return { type: "action.bulk", payload };
  },
  apply: ({ payload }) => handlesOf(payload).forEach(dispatch),
};
