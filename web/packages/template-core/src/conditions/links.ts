/** Conditions about addresses: same-domain, link-opened. */
import { type ConditionDefinition, textOf } from "../context";
import { dataOf, verdict } from "./values";

/** The host without a leading `www.`; text that is no address stands for itself. */
function hostOf(text: string): string {
  const match = /^(?:[a-z][a-z0-9+.-]*:)?\/\/(?:[^/?#@]*@)?([^/?#:]+)/i.exec(text);
  return (match?.[1] ?? text).toLowerCase().replace(/^www\./, "");
}

export const sameDomain: ConditionDefinition = {
  type: "condition.same-domain",
  check(props, context, subject) {
    const original = textOf(context.value(props.original));
    const passed = hostOf(textOf(dataOf(props, context, subject))) === hostOf(original);
    const site = hostOf(original);
    return verdict(passed, `Give an address on ${site}`, `Give an address that is not on ${site}`);
  },
};

export const linkOpened: ConditionDefinition = {
  type: "condition.link-opened",
  check(props, context) {
    const passed = context.scope.task.isOpened(textOf(context.value(props.url)));
    return verdict(passed, "Follow the link", "Do not follow the link");
  },
};
