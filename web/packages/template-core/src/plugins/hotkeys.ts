/** `plugin.hotkeys`: which key does what in the focused task, and which key to show on a control. */
import { Handle, type ResolvedAction, type Scope } from "../context";
import { evaluate, resolveAction } from "../evaluate";
import { deepEqual } from "../json";
import type { Template } from "../template";

export const HOTKEYS = "plugin.hotkeys";

/** The parts of a keyboard event that name its key. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey?: boolean;
  readonly altKey?: boolean;
  readonly metaKey?: boolean;
}

const RUSSIAN_KEYS = "йцукенгшщзфывапролдячсмить";
const LATIN_KEYS = "qwertyuiopasdfghjklzxcvbnm";
const ARROWS: Readonly<Record<string, string>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

/** The name a config gives a key (`a`, `7`, `up`, `ctrl+k`), or undefined for keys it cannot name. */
export function keyName(press: KeyPress): string | undefined {
  const modifiers = [press.ctrlKey && "ctrl", press.altKey && "alt", press.metaKey && "meta"].filter(Boolean);
  const plain = plainKey(press);
  return plain === undefined ? undefined : [...modifiers, plain].join("+");
}

function plainKey({ key, code }: KeyPress): string | undefined {
  const lower = key.toLowerCase();
  const russian = RUSSIAN_KEYS.indexOf(lower);
  if (lower.length === 1 && russian >= 0) return LATIN_KEYS[russian];
  if (/^[a-z0-9]$/.test(lower)) return lower;
  return ARROWS[key] ?? /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1];
}

function blocks(template: Template) {
  return template.plugins.filter((plugin) => plugin.type === HOTKEYS);
}

/** The actions that a key stands for in a task now; one per hotkeys block at most. */
export function hotkeyActions(template: Template, scope: Scope, key: string): Handle[] {
  return blocks(template)
    .map((block) => (Object.hasOwn(block.props, key) ? evaluate(block.props[key], scope) : undefined))
    .filter((value) => value instanceof Handle);
}

/** Whether hotkeys also act while the worker types. */
export function hotkeysInInputs(template: Template, scope: Scope): boolean {
  return blocks(template).some((block) => evaluate(block.props.allowHotkeysInInputs, scope) === true);
}

/** The key whose action does exactly what a control's own action would. */
export function hotkeyFor(template: Template, scope: Scope, action: ResolvedAction): string | undefined {
  for (const block of blocks(template)) {
    for (const [key, node] of Object.entries(block.props)) {
      const handle = key === "allowHotkeysInInputs" ? undefined : evaluate(node, scope);
      if (handle instanceof Handle && deepEqual(resolveAction(handle), action)) return key;
    }
  }
  return undefined;
}
