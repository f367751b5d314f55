/** Conditions about one value: required, empty, equals, contains, sub-array, more, less. */
import { type ConditionDefinition, type Context, type Subject, textOf, type Verdict } from "../context";
import { deepEqual, isObject } from "../json";
import type { Props } from "../template";

/** The condition's own `data`, else the enclosing field's. */
export const dataOf = (props: Props, context: Context, subject: Subject): unknown =>
  props.data === undefined ? subject.data : context.value(props.data);

export const verdict = (passed: boolean, direct: string, opposite: string): Verdict => ({
  passed,
  direct,
  opposite,
});

export const required: ConditionDefinition = {
  type: "condition.required",
  check: (props, context, subject) =>
    verdict(dataOf(props, context, subject) !== undefined, "Answer this question", "Leave this unanswered"),
};

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

export const empty: ConditionDefinition = {
  type: "condition.empty",
  check: (props, context, subject) =>
    verdict(isEmpty(dataOf(props, context, subject)), "Leave this empty", "Fill this in"),
};

export const equals: ConditionDefinition = {
  type: "condition.equals",
  check(props, context, subject) {
    const to = context.value(props.to);
    const passed = deepEqual(dataOf(props, context, subject), to);
    return verdict(passed, `Must equal ${textOf(to)}`, `Must not equal ${textOf(to)}`);
  },
};

export const contains: ConditionDefinition = {
  type: "condition.contains",
  check(props, context, subject) {
    const item = textOf(dataOf(props, context, subject)).toLowerCase();
    const whole = context.value(props.in);
    const passed = Array.isArray(whole)
      ? whole.some((part) => textOf(part).toLowerCase() === item)
      : textOf(whole).toLowerCase().includes(item);
    return verdict(passed, `Must be part of ${textOf(whole)}`, `Must not be part of ${textOf(whole)}`);
  },
};

export const subArray: ConditionDefinition = {
  type: "condition.sub-array",
  check(props, context, subject) {
    const part = dataOf(props, context, subject);
    const parent = context.value(props.parent);
    const passed =
      Array.isArray(part) &&
      Array.isArray(parent) &&
      part.every((item) => parent.some((candidate) => deepEqual(item, candidate)));
    return verdict(passed, "Choose only from the given values", "Choose at least one other value");
  },
};

function comparison(
  type: string,
  word: string,
  compare: (value: number, bound: number) => boolean,
): ConditionDefinition {
  return {
    type,
    check(props, context, subject) {
      const value = Number(dataOf(props, context, subject));
      const bound = Number(context.value(props.then));
      const orEquals = context.value(props.orEquals) === true;
      const passed = compare(value, bound) || (orEquals && value === bound);
      const suffix = orEquals ? `${word} or equal to ${bound}` : `${word} ${bound}`;
      return verdict(passed, `Must be ${suffix}`, `Must not be ${suffix}`);
    },
  };
}

export const more = comparison("condition.more", "more than", (value, bound) => value > bound);
export const less = comparison("condition.less", "less than", (value, bound) => value < bound);
