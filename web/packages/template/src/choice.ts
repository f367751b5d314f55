/** Choosing one of several options: what is chosen, how to choose, which key does it. */
import { deepEqual, type Handle, hotkeyFor } from "@talka/template-core";
import { useCallback, useContext } from "react";
import { dataOf, useField, useTaskValue } from "./hooks";
import { PageContext } from "./page-context";
import type { Option } from "./spec";

export interface ChoiceItem extends Option {
  readonly id: string;
  readonly checked: boolean;
  readonly hotkey: string | undefined;
  choose(): void;
}

/** The keys whose `action.set` writes each option's value, in the order of the options. */
function useOptionKeys(handle: Handle, options: readonly Option[]): readonly (string | undefined)[] {
  const { template } = useContext(PageContext);
  const { task } = handle.scope;
  const compute = useCallback(() => {
    const data = dataOf(handle);
    if (!template || !data) return [];
    return options.map((option) =>
      hotkeyFor(template, { task }, { type: "action.set", data, payload: option.value }),
    );
  }, [template, handle, task, options]);
  return useTaskValue(task, compute);
}

export function useChoice(handle: Handle, options: readonly Option[]) {
  const { value, set, disabled } = useField(handle);
  const keys = useOptionKeys(handle, options);
  const items = options.map(
    (option, index): ChoiceItem => ({
      ...option,
      id: String(index),
      checked: value !== undefined && deepEqual(option.value, value),
      hotkey: keys[index],
      choose: () => set(option.value),
    }),
  );
  return { items, disabled };
}
