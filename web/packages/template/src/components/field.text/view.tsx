import { CloseButton, TextInput } from "@mantine/core";
import { textOf } from "@talka/template-core";
import type { ViewProps } from "../../component";
import { useField } from "../../hooks";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { value, set, disabled, readOnly } = useField(handle);
  const shown = textOf(value);
  const clear = shown !== "" && !disabled && (
    <CloseButton size="sm" aria-label="Clear" tabIndex={-1} onClick={() => set(undefined)} />
  );
  return (
    <TextInput
      {...control}
      dir={props.rtl}
      value={shown}
      placeholder={readOnly ? "" : props.placeholder}
      disabled={disabled}
      error={control["aria-invalid"]}
      rightSection={clear}
      onChange={(event) => set(event.currentTarget.value || undefined)}
    />
  );
}
