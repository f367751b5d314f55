import { Textarea } from "@mantine/core";
import { textOf } from "@talka/template-core";
import type { ViewProps } from "../../component";
import { useField } from "../../hooks";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { value, set, disabled, readOnly } = useField(handle);
  return (
    <Textarea
      {...control}
      dir={props.rtl}
      rows={props.rows}
      resize={props.resizable ? "vertical" : "none"}
      value={textOf(value)}
      placeholder={readOnly ? "" : props.placeholder}
      disabled={disabled}
      error={control["aria-invalid"]}
      onChange={(event) => set(event.currentTarget.value || undefined)}
    />
  );
}
