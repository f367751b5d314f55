/** Actions on a view's own state: open-close, rotate. */
import { type ActionDefinition, textOf } from "../context";

const QUARTER_TURNS: Readonly<Record<string, number>> = { right: 1, left: 3 };

export const openClose: ActionDefinition = {
  type: "action.open-close",
  resolve: (props, context) => ({ type: "action.open-close", view: textOf(context.value(props.view)) }),
  apply: ({ view = "" }, task) => task.setViewState(view, { isOpen: task.viewState(view).isOpen !== true }),
};

export const rotate: ActionDefinition = {
  type: "action.rotate",
  resolve(props, context) {
    const payload = textOf(context.value(props.payload)) || "right";
    return { type: "action.rotate", view: textOf(context.value(props.view)), payload };
  },
  apply({ view = "", payload }, task) {
    const turns = Number(task.viewState(view).rotation ?? 0) + (QUARTER_TURNS[textOf(payload)] ?? 0);
    task.setViewState(view, { rotation: turns % 4 });
  },
};
