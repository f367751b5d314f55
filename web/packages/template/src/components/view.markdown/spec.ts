/** `view.markdown`: formatted text; HTML in it is shown as text. */
import { type Spec, text } from "../../spec";

const props = { content: text() };

export const spec: Spec<typeof props> = { type: "view.markdown", props };
