/** `field.checkbox`: yes, or no answer (`false` with `preserveFalse`). */
import { flag, type Spec, text } from "../../spec";

const props = { label: text(), hint: text(), preserveFalse: flag() };

export const spec: Spec<typeof props> = { type: "field.checkbox", props, label: "own" };
