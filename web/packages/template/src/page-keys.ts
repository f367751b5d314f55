/** Keys on a page of tasks: hotkeys act in the focused task, arrows move between tasks. */
import {
  dispatch,
  hotkeyActions,
  hotkeysInInputs,
  keyName,
  type TaskState,
  type Template,
} from "@talka/template-core";
import { useEffect } from "react";

const NOT_TYPING = new Set(["radio", "checkbox", "button", "submit", "range"]);

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !NOT_TYPING.has(target.type);
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}

/** Whether a key belongs to something else: an open dialog, or the arrows of radio buttons. */
function isTaken(event: KeyboardEvent): boolean {
  const { target } = event;
  if (event.defaultPrevented || event.repeat || event.isComposing || !(target instanceof Element))
    return true;
  if (target.closest('[role="dialog"]')) return true;
  return event.key.startsWith("Arrow") && target instanceof HTMLInputElement && target.type === "radio";
}

const STEPS: Readonly<Record<string, number>> = { up: -1, down: 1 };

interface PageKeys {
  template: Template;
  task: TaskState | undefined;
  enabled: boolean;
  move: (step: number) => void;
  /** A hotkey has answered: the task itself gets the focus, so that arrows move between tasks again. */
  answered: () => void;
  /** Enter in a one-line input. */
  onEnter: (() => void) | undefined;
}

function isLineEnter(event: KeyboardEvent): boolean {
  const modified = event.ctrlKey || event.metaKey || event.altKey || event.shiftKey;
  return (
    event.key === "Enter" && !modified && event.target instanceof HTMLInputElement && isTyping(event.target)
  );
}

export function usePageKeys({ template, task, enabled, move, answered, onEnter }: PageKeys): void {
  useEffect(() => {
    if (!enabled || !task) return;
    const scope = { task };
    const onKey = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      if (onEnter && isLineEnter(event)) {
        event.preventDefault();
        onEnter();
        return;
      }
      const name = keyName(event);
      if (name === undefined) return;
      if (isTyping(event.target) && !hotkeysInInputs(template, scope)) return;
      const actions = hotkeyActions(template, scope, name);
      const step = STEPS[name];
      if (actions.length === 0 && step === undefined) return;
      event.preventDefault();
      if (actions.length === 0) {
        move(step ?? 0);
        return;
      }
      for (const action of actions) dispatch(action);
      if (!isTyping(event.target)) answered();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [template, task, enabled, move, answered, onEnter]);
}
