import { Radio } from "@mantine/core";
import { useChoice } from "../../choice";
import type { ViewProps } from "../../component";
import { OptionRow, OptionRows } from "../../option-row";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { items, disabled } = useChoice(handle, props.options);
  return (
    <OptionRows role="radiogroup" control={control}>
      {items.map((item) => (
        <OptionRow key={item.id} label={item.label} hint={item.hint} hotkey={item.hotkey} disabled={disabled}>
          <Radio
            name={control.id}
            aria-label={item.label}
            checked={item.checked}
            disabled={disabled}
            onChange={item.choose}
          />
        </OptionRow>
      ))}
    </OptionRows>
  );
}
