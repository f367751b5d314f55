/** Loads the parts of a template's components that do not come with the app. */
import type { Template } from "@talka/template-core";
import { useEffect, useState } from "react";
import { registry } from "./registry";

const loaded = new Set<string>();

const missing = (template: Template): string[] =>
  [...template.types].filter((type) => registry.get(type)?.load !== undefined && !loaded.has(type));

/** A part that cannot be loaded shows that in its own place, so nobody waits for it. */
async function loadAll(types: readonly string[]): Promise<void> {
  await Promise.allSettled(types.map((type) => registry.get(type)?.load?.()));
  for (const type of types) loaded.add(type);
}

/** Whether a template can be drawn as a whole. */
export function useLoaded(template: Template): boolean {
  const [, update] = useState(0);
  const types = missing(template);
  const wanted = types.join(" ");
  useEffect(() => {
    let current = true;
    if (wanted !== "") void loadAll(wanted.split(" ")).then(() => current && update((count) => count + 1));
    return () => {
      current = false;
    };
  }, [wanted]);
  return types.length === 0;
}
