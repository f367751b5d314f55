/** `condition.schema`: the value matches a JSON Schema (draft 7). */
import { Validator } from "@cfworker/json-schema";
import type { ConditionDefinition } from "../context";
import { isObject } from "../json";
import { dataOf, verdict } from "./values";

const validators = new WeakMap<object, Validator>();

function validatorOf(schema: Readonly<Record<string, unknown>>): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const validator = new Validator({ ...schema }, "7");
  validators.set(schema, validator);
  return validator;
}

/** An absent value passes only a schema that says nothing; a schema that cannot be read passes nothing. */
function matches(value: unknown, schema: unknown): boolean {
  if (!isObject(schema)) return schema === true;
  if (value === undefined) return Object.keys(schema).length === 0;
  try {
    return validatorOf(schema).validate(value).valid;
  } catch {
    return false;
  }
}

/** Says the bounds of a text's length, the most frequent schema, in words. */
function described(schema: unknown): string {
  if (!isObject(schema)) return "Does not have the required form";
  const { minLength, maxLength } = schema;
  if (typeof minLength === "number" && typeof maxLength === "number")
    return `Write ${minLength} to ${maxLength} characters`;
  if (typeof minLength === "number") return `Write at least ${minLength} characters`;
  if (typeof maxLength === "number") return `Write at most ${maxLength} characters`;
  return "Does not have the required form";
}

export const schema: ConditionDefinition = {
  type: "condition.schema",
  check(props, context, subject) {
    const definition = context.value(props.schema);
    const passed = matches(dataOf(props, context, subject), definition);
    return verdict(passed, described(definition), "Must not have this form");
  },
};
