/** `field.select`: one of several values from a drop-down list. */
import { options, type Spec, text } from "../../spec";

const props = { options, placeholder: text("—") };

export const spec: Spec<typeof props> = { type: "field.select", props, label: "control" };
