/** `view.group`: a block that holds one view apart from the rest. */
import { type Spec, view } from "../../spec";

const props = { content: view };

export const spec: Spec<typeof props> = { type: "view.group", props };
