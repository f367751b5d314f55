/** A choice as a row that can be clicked anywhere: its control, its text, its key and its hint. */
import { cx, Key } from "@talka/ui";
import type { ReactNode } from "react";
import type { ControlAttributes } from "./component";
import { Hint } from "./frame";
import classes from "./option-row.module.css";

interface OptionRowsProps {
  role: "radiogroup" | "group";
  control: ControlAttributes;
  children: ReactNode;
}

export function OptionRows({ role, control, children }: OptionRowsProps) {
  return (
    <div {...control} role={role} className={classes.rows}>
      {children}
    </div>
  );
}

interface OptionRowProps {
  label: string;
  hint: string;
  hotkey: string | undefined;
  disabled: boolean;
  children: ReactNode;
}

export function OptionRow({ label, hint, hotkey, disabled, children }: OptionRowProps) {
  return (
    <div className={cx(classes.row, disabled && classes.disabled)}>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the control is among the children */}
      <label className={classes.label}>
        {children}
        <span className={classes.text}>{label}</span>
      </label>
      <Hint text={hint} />
      {hotkey !== undefined && !disabled && (
        <span className={classes.key}>
          <Key name={hotkey} />
        </span>
      )}
    </div>
  );
}
