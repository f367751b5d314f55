/** Actions that reach the page around the task: open-link, notify. */
import { type ActionDefinition, textOf } from "../context";
import { isObject } from "../json";
import type { Notice } from "../task";

const isWebAddress = (text: string): boolean => /^https?:\/\//i.test(text);

export const openLink: ActionDefinition = {
  type: "action.open-link",
  resolve(props, context) {
    const payload = textOf(context.value(props.payload));
    return isWebAddress(payload) ? { type: "action.open-link", payload } : undefined;
  },
  apply({ payload }, task) {
    const url = textOf(payload);
    task.host.openLink?.(url);
    task.markOpened(url);
  },
};

const THEMES = ["info", "success", "warning", "danger"] as const;
const DEFAULT_DURATION_MS = 4500;

function noticeOf(payload: Readonly<Record<string, unknown>>): Notice {
  return {
    content: payload.content,
    theme: THEMES.find((theme) => theme === payload.theme) ?? "info",
    delay: Number(payload.delay ?? 0),
    duration: Number(payload.duration ?? DEFAULT_DURATION_MS),
  };
}

export const notify: ActionDefinition = {
  type: "action.notify",
  resolve: (props, context) => ({ type: "action.notify", payload: context.value(props.payload) }),
  apply: ({ payload }, task) => isObject(payload) && task.host.notify?.(noticeOf(payload)),
};
