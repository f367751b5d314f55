import { Checkbox } from "@mantine/core";
import { useLayoutEffect } from "react";
import type { ViewProps } from "../../component";
import { useField, useToggleKey } from "../../hooks";
import { OptionRow, OptionRows } from "../../option-row";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { data, value, set, disabled } = useField(handle);
  const { task } = handle.scope;
  const hotkey = useToggleKey(handle, data);
  const unchecked = props.preserveFalse ? false : undefined;
  useLayoutEffect(() => {
    if (props.preserveFalse && data && value === undefined) task.put(data, false);
  }, [props.preserveFalse, data, value, task]);
  return (
    <OptionRows role="group" control={control}>
      <OptionRow label={props.label} hint={props.hint} hotkey={hotkey} disabled={disabled}>
        <Checkbox
          aria-label={props.label}
          checked={value === true}
          disabled={disabled}
          onChange={(event) => set(event.currentTarget.checked || unchecked)}
        />
      </OptionRow>
    </OptionRows>
  );
}
