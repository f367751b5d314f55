/** Draws one view outside of its page, such as the content of a notice. */
import type { Handle } from "@talka/template-core";
import { PageContext } from "./page-context";
import { registry } from "./registry";
import { Slot } from "./slot";

const CONTEXT = { template: undefined, components: registry };

export function StandaloneView({ handle }: { handle: Handle }) {
  return (
    <PageContext value={CONTEXT}>
      <Slot handle={handle} />
    </PageContext>
  );
}
