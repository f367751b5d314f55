import { NativeSelect } from "@mantine/core";
import { deepEqual } from "@talka/template-core";
import type { ViewProps } from "../../component";
import { useField } from "../../hooks";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { value, set, disabled, readOnly } = useField(handle);
  const chosen = props.options.findIndex((option) => deepEqual(option.value, value));
  const none = chosen < 0 && !readOnly ? props.placeholder : "-";
  const entries = props.options.map((option, index) => ({ value: String(index), label: option.label }));
  return (
    <NativeSelect
      {...control}
      data={[{ value: "", label: none }, ...entries]}
      value={chosen < 0 ? "" : String(chosen)}
      disabled={disabled}
      error={control["aria-invalid"]}
      onChange={({ currentTarget }) =>
        set(currentTarget.value === "" ? undefined : props.options[Number(currentTarget.value)]?.value)
      }
    />
  );
}
