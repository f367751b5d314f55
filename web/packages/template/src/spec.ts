/** How a component declares the properties it reads: one kind per property, which also gives its type. */
import { Handle, isObject, textOf } from "@talka/template-core";

/** Reads a property's evaluated value, whatever a config may hold there, as one type. */
export type Kind<T> = (raw: unknown) => T;
export type Kinds = Readonly<Record<string, Kind<unknown>>>;
export type PropsOf<K extends Kinds> = { readonly [Name in keyof K]: ReturnType<K[Name]> };

export interface Spec<K extends Kinds> {
  readonly type: string;
  readonly props: K;
  /**
   * Who draws the label: the frame around the component for one control or for a group of them (the default),
   * the component itself, or nobody (layouts).
   */
  readonly label?: "control" | "group" | "own" | "none";
}

export const text =
  (fallback = ""): Kind<string> =>
  (raw) =>
    textOf(raw) || fallback;

export const flag =
  (fallback = false): Kind<boolean> =>
  (raw) =>
    typeof raw === "boolean" ? raw : fallback;

export const number =
  <F extends number | undefined>(fallback: F): Kind<number | F> =>
  (raw) =>
    typeof raw === "number" && Number.isFinite(raw) ? raw : fallback;

export const anything: Kind<unknown> = (raw) => raw;

export const oneOf =
  <const T extends string>(values: readonly [T, ...T[]]): Kind<T> =>
  (raw) =>
    values.find((value) => value === raw) ?? values[0];

/** A view in a slot; undefined leaves no place for it. */
export const view: Kind<Handle | undefined> = (raw) => (raw instanceof Handle ? raw : undefined);

/** Views in a row; slots that resolve to nothing are left out, lists of views (from helpers) are spread. */
export const views: Kind<readonly Handle[]> = (raw) =>
  (Array.isArray(raw) ? raw : [raw]).flat(2).filter((item) => item instanceof Handle);

export const numbers: Kind<readonly number[]> = (raw) =>
  (Array.isArray(raw) ? raw : []).filter((item) => typeof item === "number" && item > 0);

export interface Option {
  readonly label: string;
  readonly value: unknown;
  readonly hint: string;
}

/** Choices; one without a label is called by its value. */
export const options: Kind<readonly Option[]> = (raw) =>
  (Array.isArray(raw) ? raw : []).filter(isObject).map((option) => ({
    label: textOf(option.label) || textOf(option.value),
    value: option.value,
    hint: textOf(option.hint),
  }));

/** `{mode: "rtl"}` as a `dir` attribute. */
export const direction: Kind<"ltr" | "rtl"> = (raw) => (isObject(raw) && raw.mode === "rtl" ? "rtl" : "ltr");
