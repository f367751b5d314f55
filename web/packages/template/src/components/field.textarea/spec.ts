/** `field.textarea`: several lines of text. */
import { direction, flag, number, type Spec, text } from "../../spec";

const props = { placeholder: text(), rtl: direction, rows: number(4), resizable: flag(true) };

export const spec: Spec<typeof props> = { type: "field.textarea", props, label: "control" };
