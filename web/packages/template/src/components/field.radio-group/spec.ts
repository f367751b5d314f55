/** `field.radio-group`: one of several values, one under another. */
import { options, type Spec } from "../../spec";

const props = { options };

export const spec: Spec<typeof props> = { type: "field.radio-group", props };
