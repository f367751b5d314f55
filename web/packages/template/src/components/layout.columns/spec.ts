/** `layout.columns`: views beside each other, stacked where there is no room. */
import { flag, number, numbers, oneOf, type Spec, views } from "../../spec";

const props = {
  items: views,
  ratio: numbers,
  minWidth: number(600),
  fullHeight: flag(),
  verticalAlign: oneOf(["stretch", "top", "middle", "bottom"]),
};

export const spec: Spec<typeof props> = { type: "layout.columns", props, label: "none" };
