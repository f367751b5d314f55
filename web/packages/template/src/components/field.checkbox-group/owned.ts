/** Where a checkbox group keeps the state of each option: below its data, at the option's value as a path. */
import { type DataRef, evaluate, type Handle, splitPath, textOf } from "@talka/template-core";
import { dataOf, nodeProps } from "../../hooks";
import { type Option, options } from "../../spec";

export const refOf = (data: DataRef, option: Option): DataRef => ({
  ...data,
  path: [...data.path, ...splitPath(textOf(option.value))],
});

/** Only listed options are owned, so several groups may share one path. */
export function ownedRefs(handle: Handle): readonly DataRef[] {
  const data = dataOf(handle);
  return data
    ? options(evaluate(nodeProps(handle).options, handle.scope)).map((option) => refOf(data, option))
    : [];
}
