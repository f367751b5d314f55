/** `helper.concat-arrays`, `helper.transform`: lists from lists. */
import type { HelperDefinition } from "../context";
import { isObject } from "../json";

export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const concatArrays: HelperDefinition = {
  type: "helper.concat-arrays",
  evaluate: (props, context) => asList(context.value(props.items)).filter(Array.isArray).flat(),
};

export const transform: HelperDefinition = {
  type: "helper.transform",
  evaluate(props, context) {
    const outer = isObject(context.scope.local) ? context.scope.local : {};
    return asList(context.value(props.items)).map((item, index) =>
      context.value(props.into, { ...context.scope, local: { ...outer, item, index } }),
    );
  },
};
