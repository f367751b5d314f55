/** What a component folder exports: its spec with the view that draws it. */
import type { DataRef, Handle } from "@talka/template-core";
import type { ComponentType } from "react";
import type { Kinds, PropsOf, Spec } from "./spec";

/** Attributes that tie a control to its label, hint and errors. */
export interface ControlAttributes {
  readonly id: string;
  readonly "aria-labelledby": string | undefined;
  readonly "aria-errormessage": string | undefined;
  readonly "aria-invalid": true | undefined;
}

export interface ViewProps<P> {
  readonly props: P;
  readonly handle: Handle;
  readonly control: ControlAttributes;
}

interface Extras {
  /** The places whose values a field owns; its `data` when not given. */
  readonly owns?: (handle: Handle) => readonly DataRef[];
  /** Brings the parts that are not loaded with the app; a page waits for them, so that nothing moves later. */
  readonly load?: () => Promise<void>;
}

export interface ComponentDefinition extends Extras {
  readonly spec: Spec<Kinds>;
  readonly View: ComponentType<ViewProps<never>>;
}

export function defineComponent<K extends Kinds>(
  spec: Spec<K>,
  View: ComponentType<ViewProps<PropsOf<K>>>,
  extras: Extras = {},
): ComponentDefinition {
  return { spec, View: View as ComponentType<ViewProps<never>>, ...extras };
}
