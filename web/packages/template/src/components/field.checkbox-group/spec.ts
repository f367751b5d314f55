/** `field.checkbox-group`: any of several values, as an object of `true`s. */
import { flag, options, type Spec } from "../../spec";

const props = { options, preserveFalse: flag() };

export const spec: Spec<typeof props> = { type: "field.checkbox-group", props };
