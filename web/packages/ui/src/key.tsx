/** The badge of a keyboard key on the control it works; hidden where there is no keyboard. */
import { cx } from "./class-names";
import classes from "./key.module.css";

const SIGNS: Readonly<Record<string, string>> = { up: "↑", down: "↓", left: "←", right: "→" };

export function Key({ name, onAccent = false }: { name: string; onAccent?: boolean }) {
  return (
    <kbd className={cx(classes.key, onAccent && classes.inherit)} aria-hidden>
      {SIGNS[name] ?? name}
    </kbd>
  );
}
