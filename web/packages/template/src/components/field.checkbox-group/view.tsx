import { Checkbox } from "@mantine/core";
import { type Handle, hotkeyFor } from "@talka/template-core";
import { useCallback, useContext, useLayoutEffect } from "react";
import type { ViewProps } from "../../component";
import { dataOf, useField, useTaskValue } from "../../hooks";
import { OptionRow, OptionRows } from "../../option-row";
import { PageContext } from "../../page-context";
import type { Option, PropsOf } from "../../spec";
import { refOf } from "./owned";
import type { spec } from "./spec";

interface OptionState {
  readonly checked: boolean;
  readonly missing: boolean;
  readonly hotkey: string | undefined;
}

function useStates(handle: Handle, options: readonly Option[]): readonly OptionState[] {
  const { template } = useContext(PageContext);
  const { task } = handle.scope;
  const compute = useCallback(() => {
    const group = dataOf(handle);
    if (!group) return [];
    return options.map((option) => {
      const data = refOf(group, option);
      const value = task.read(data);
      const hotkey = template && hotkeyFor(template, { task }, { type: "action.toggle", data });
      return { checked: value === true, missing: value === undefined, hotkey };
    });
  }, [handle, task, options, template]);
  return useTaskValue(task, compute);
}

export function View({ props, handle, control }: ViewProps<PropsOf<typeof spec.props>>) {
  const { options, preserveFalse } = props;
  const { data, disabled } = useField(handle);
  const { task } = handle.scope;
  const states = useStates(handle, options);

  useLayoutEffect(() => {
    if (!preserveFalse || !data) return;
    task.batch(() => {
      for (const option of options) {
        if (task.read(refOf(data, option)) === undefined) task.put(refOf(data, option), false);
      }
    });
  }, [preserveFalse, data, options, task]);

  return (
    <OptionRows role="group" control={control}>
      {options.map((option, index) => (
        <OptionRow
          key={refKey(option)}
          label={option.label}
          hint={option.hint}
          hotkey={states[index]?.hotkey}
          disabled={disabled}
        >
          <Checkbox
            aria-label={option.label}
            checked={states[index]?.checked === true}
            disabled={disabled}
            onChange={({ currentTarget }) =>
              data &&
              task.write(refOf(data, option), currentTarget.checked || (preserveFalse ? false : undefined))
            }
          />
        </OptionRow>
      ))}
    </OptionRows>
  );
}

const refKey = (option: Option): string => String(option.value);
