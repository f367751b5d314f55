/** Every `data.*` component. */
import { tableOf } from "../registry";
import { assignmentId } from "./assignment-id";
import { relative, sub } from "./derived";
import { local } from "./local";
import { input, internal, output } from "./stores";

export const data = tableOf([input, output, internal, local, relative, sub, assignmentId]);
