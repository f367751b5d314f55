/** `view.text`: plain text. */
import { direction, type Spec, text } from "../../spec";

const props = { content: text(), rtl: direction };

export const spec: Spec<typeof props> = { type: "view.text", props };
