/** `view.image`: a picture in a box of fixed shape, so that nothing moves when it arrives. */
import { flag, number, numbers, type Spec, text } from "../../spec";

const props = {
  url: text(),
  ratio: numbers,
  minWidth: number(undefined),
  maxWidth: number(undefined),
  fullHeight: flag(),
  popup: flag(true),
  rotatable: flag(),
  scrollable: flag(),
  noBorder: flag(),
  noLazyLoad: flag(),
};

export const spec: Spec<typeof props> = { type: "view.image", props };
