/** What every component on a page may know of the page. */
import type { Template } from "@talka/template-core";
import { createContext } from "react";
import type { ComponentDefinition } from "./component";

export interface PageContextValue {
  readonly template: Template | undefined;
  readonly components: ReadonlyMap<string, ComponentDefinition>;
}

export const PageContext = createContext<PageContextValue>({ template: undefined, components: new Map() });
