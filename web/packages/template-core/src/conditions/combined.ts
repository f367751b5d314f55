/** Conditions made of conditions: all, any, not. */
import type { ConditionDefinition, Context, Subject, Verdict } from "../context";
import type { Node, Props } from "../template";
import { verdict } from "./values";

function children(props: Props, context: Context, subject: Subject): Verdict[] {
  const list: Node | undefined = props.conditions;
  return list?.kind === "list" ? list.items.map((node) => context.check(node, subject)) : [];
}

/** One message a line, each after the first led by "and" or "or", those of nested conditions indented. */
function joined(messages: readonly string[], word: "and" | "or"): string {
  const distinct = [...new Set(messages.filter((message) => message !== ""))];
  const indented = distinct.map((message) => message.replaceAll("\n", "\n  "));
  return indented
    .map((message, index) => (index === 0 ? message : `${word} ${lowerFirst(message)}`))
    .join("\n");
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

export const all: ConditionDefinition = {
  type: "condition.all",
  check(props, context, subject) {
    const verdicts = children(props, context, subject);
    const failed = verdicts.filter((child) => !child.passed);
    const direct = joined(
      (failed.length > 0 ? failed : verdicts).map((child) => child.direct),
      "and",
    );
    return verdict(
      failed.length === 0,
      direct,
      joined(
        verdicts.map((child) => child.opposite),
        "or",
      ),
    );
  },
};

export const any: ConditionDefinition = {
  type: "condition.any",
  check(props, context, subject) {
    const verdicts = children(props, context, subject);
    const passed = verdicts.some((child) => child.passed);
    const direct = joined(
      verdicts.map((child) => child.direct),
      "or",
    );
    return verdict(
      passed,
      direct,
      joined(
        verdicts.map((child) => child.opposite),
        "and",
      ),
    );
  },
};

export const not: ConditionDefinition = {
  type: "condition.not",
  check(props, context, subject) {
    const child = context.check(props.condition, subject);
    return verdict(!child.passed, child.opposite, child.direct);
  },
};
