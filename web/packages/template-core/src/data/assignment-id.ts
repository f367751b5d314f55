/** `data.assignment-id`: the id of the page the task is on. */
import type { DataDefinition } from "../context";

export const assignmentId: DataDefinition = {
  type: "data.assignment-id",
  read: (_, context) => context.scope.task.host.assignmentId ?? "<assignment-id>",
};
