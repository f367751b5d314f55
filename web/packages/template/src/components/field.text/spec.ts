/** `field.text`: one line of text. */
import { direction, type Spec, text } from "../../spec";

const props = { placeholder: text(), rtl: direction };

export const spec: Spec<typeof props> = { type: "field.text", props, label: "control" };
