/** `helper.entries2object`, `helper.object2entries`: between objects and lists of `{key, value}`. */
import { type HelperDefinition, textOf } from "../context";
import { isObject } from "../json";
import { asList } from "./lists";

export const entriesToObject: HelperDefinition = {
  type: "helper.entries2object",
  evaluate(props, context) {
    const entries = asList(context.value(props.entries)).filter(isObject);
    return Object.fromEntries(entries.map((entry) => [textOf(entry.key), entry.value]));
  },
};

export const objectToEntries: HelperDefinition = {
  type: "helper.object2entries",
  evaluate(props, context) {
    const source = context.value(props.data);
    return isObject(source) ? Object.entries(source).map(([key, value]) => ({ key, value })) : [];
  },
};
