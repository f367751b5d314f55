/** What a component folder exports: its spec with the view that draws it. */
import type { DataRef, Handle } from "@talka/template-core";
import type { ComponentType } from "react";
import type { Kinds, PropsOf, Spec } from "./spec";

/** Attributes that tie a control to its label, hint and errors. */
export interface ControlAttributes {
  readonly id: string;
  readonly "aria-labelledby": string | undefined;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
}

export interface ViewProps<P> {
  readonly props: P;
  readonly handle: Handle;
  readonly control: ControlAttributes;
}

export interface ComponentDefinition {
  readonly spec: Spec<Kinds>;
  readonly View: ComponentType<ViewProps<never>>;
  /** The places whose values a field owns; its `data` when not given. */
  readonly owns?: (handle: Handle) => readonly DataRef[];
}

export function defineComponent<K extends Kinds>(
  spec: Spec<K>,
  View: ComponentType<ViewProps<PropsOf<K>>>,
  owns?: (handle: Handle) => readonly DataRef[],
): ComponentDefinition {
  const drawn = View as ComponentType<ViewProps<never>>;
  return owns ? { spec, View: drawn, owns } : { spec, View: drawn };
}
