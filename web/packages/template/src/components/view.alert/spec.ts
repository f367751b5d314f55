/** `view.alert`: a coloured block that draws attention to one view. */
import { oneOf, type Spec, view } from "../../spec";

const props = { content: view, theme: oneOf(["info", "success", "warning", "danger"]) };

export const spec: Spec<typeof props> = { type: "view.alert", props };
