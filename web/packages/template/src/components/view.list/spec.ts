/** `view.list`: views one under another, or side by side. */
import { direction, oneOf, type Spec, views } from "../../spec";

const props = {
  items: views,
  direction: oneOf(["vertical", "horizontal"]),
  size: oneOf(["m", "s"]),
  rtl: direction,
};

export const spec: Spec<typeof props> = { type: "view.list", props };
