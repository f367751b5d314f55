/** `field.button-radio-group`: one of several values, as buttons in a row. */
import { direction, options, type Spec } from "../../spec";

const props = { options, rtl: direction };

export const spec: Spec<typeof props> = { type: "field.button-radio-group", props };
