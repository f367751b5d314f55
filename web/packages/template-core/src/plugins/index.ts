/** Which `plugin.*` components this version acts on. */
import { HOTKEYS } from "./hotkeys";
import { TOLOKA } from "./toloka";

export const pluginTypes: ReadonlySet<string> = new Set([HOTKEYS, TOLOKA]);
