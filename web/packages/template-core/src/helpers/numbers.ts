/** `helper.sum`, `helper.multiply`, `helper.length`: numbers from values. */
import type { HelperDefinition } from "../context";
import { isObject } from "../json";
import { asList } from "./lists";

function fold(type: string, start: number, step: (total: number, item: number) => number): HelperDefinition {
  return {
    type,
    evaluate: (props, context) => asList(context.value(props.items)).map(Number).reduce(step, start),
  };
}

export const sum = fold("helper.sum", 0, (total, item) => total + item);
export const multiply = fold("helper.multiply", 1, (total, item) => total * item);

export const length: HelperDefinition = {
  type: "helper.length",
  evaluate(props, context) {
    const value = context.value(props.data);
    if (typeof value === "string" || Array.isArray(value)) return value.length;
    return isObject(value) ? Object.keys(value).length : 0;
  },
};
