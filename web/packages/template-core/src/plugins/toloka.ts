/** `plugin.toloka`: how the tasks of a page are laid out. */
import { Handle, type Scope, textOf } from "../context";
import { evaluate } from "../evaluate";
import { isObject } from "../json";
import type { Template } from "../template";

export const TOLOKA = "plugin.toloka";

export interface PageLayout {
  readonly kind: "scroll" | "pager" | "first-task-only";
  /** Widest a task gets, as CSS length. */
  readonly taskWidth: string;
  /** Views drawn once, above the tasks. */
  readonly notifications: readonly Handle[];
}

const KINDS = ["scroll", "pager", "first-task-only"] as const;

/** The layout that the template asks for; scroll at full width when it says nothing. */
export function pageLayout(template: Template, scope: Scope): PageLayout {
  const plugin = template.plugins.find((candidate) => candidate.type === TOLOKA);
  const layout = evaluate(plugin?.props.layout, scope);
  const wanted = isObject(layout) ? layout : {};
  const notifications = evaluate(plugin?.props.notifications, scope);
  return {
    kind: KINDS.find((kind) => kind === wanted.kind) ?? "scroll",
    taskWidth: cssLength(wanted.taskWidth),
    notifications: (Array.isArray(notifications) ? notifications : []).filter(
      (item) => item instanceof Handle,
    ),
  };
}

function cssLength(width: unknown): string {
  const text = textOf(width);
  const match = /^(\d+(?:\.\d+)?)(px|%)?$/.exec(text);
  return match ? `${match[1]}${match[2] ?? "px"}` : "100%";
}
