/** `helper.if`, `helper.switch`: one of several values, views or actions. */
import type { HelperDefinition } from "../context";

export const helperIf: HelperDefinition = {
  type: "helper.if",
  evaluate: (props, context) =>
    context.value(context.check(props.condition).passed ? props.then : props.else),
};

export const helperSwitch: HelperDefinition = {
  type: "helper.switch",
  evaluate(props, context) {
    const cases = props.cases?.kind === "list" ? props.cases.items : [];
    for (const node of cases) {
      if (node.kind === "object" && context.check(node.entries.condition).passed) {
        return context.value(node.entries.result);
      }
    }
    return context.value(props.default);
  },
};
