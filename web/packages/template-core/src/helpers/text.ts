/** `helper.join`, `helper.replace`, `helper.text-transform`, `helper.translate`: text from text. */
import { type HelperDefinition, textOf } from "../context";
import { isObject } from "../json";
import { asList } from "./lists";

export const join: HelperDefinition = {
  type: "helper.join",
  evaluate: (props, context) =>
    asList(context.value(props.items))
      .map(textOf)
      .join(textOf(context.value(props.by))),
};

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function patternOf(find: string, params: Readonly<Record<string, unknown>>): RegExp | undefined {
  const flags = `${params.replaceAll === false ? "" : "g"}${params.caseInsensitive === true ? "i" : ""}`;
  try {
    return new RegExp(params.regExp === true ? find : escapePattern(find), flags);
  } catch {
    return undefined;
  }
}

export const replace: HelperDefinition = {
  type: "helper.replace",
  evaluate(props, context) {
    const source = context.value(props.data);
    const find = textOf(context.value(props.find));
    if (typeof source !== "string" || find === "") return source;
    const params = context.value(props.params);
    const pattern = patternOf(find, isObject(params) ? params : {});
    const replacement = textOf(context.value(props.replace));
    return pattern ? source.replace(pattern, () => replacement) : source;
  },
};

const TRANSFORMATIONS: Readonly<Record<string, (text: string) => string>> = {
  uppercase: (text) => text.toUpperCase(),
  lowercase: (text) => text.toLowerCase(),
  capitalize: (text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase(),
};

export const textTransform: HelperDefinition = {
  type: "helper.text-transform",
  evaluate(props, context) {
    const text = textOf(context.value(props.data));
    return TRANSFORMATIONS[textOf(context.value(props.transformation))]?.(text) ?? text;
  },
};

export const translate: HelperDefinition = {
  type: "helper.translate",
  evaluate(props, context) {
    const key = textOf(context.value(props.key));
    return context.scope.task.host.translate?.(key) ?? key;
  },
};
