import { Key } from "@talka/ui";
import { useChoice } from "../../choice";
import type { ViewProps } from "../../component";
import { Hint } from "../../frame";
import type { PropsOf } from "../../spec";
import classes from "./buttons.module.css";
import type { spec } from "./spec";

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { items, disabled } = useChoice(handle, props.options);
  return (
    <div {...control} role="radiogroup" dir={props.rtl} className={classes.buttons}>
      {items.map((item) => (
        <div key={item.id} className={classes.item}>
          <label className={classes.button}>
            <input
              type="radio"
              name={control.id}
              className={classes.input}
              aria-label={item.label}
              checked={item.checked}
              disabled={disabled}
              onChange={item.choose}
            />
            <span>{item.label}</span>
            {item.hotkey !== undefined && !disabled && <Key name={item.hotkey} onAccent={item.checked} />}
          </label>
          <Hint text={item.hint} />
        </div>
      ))}
    </div>
  );
}
