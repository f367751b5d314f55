/** Makes the running page of an assignment: its template and one state per task; collects the answers. */
import type { Assignment, Solution } from "@talka/api";
import type { PageTask } from "@talka/template";
import { type Mode, parseTemplate, TaskState, type Template, TemplateError } from "@talka/template-core";
import { loadDraft, saveDraft } from "./drafts";
import { pageHost } from "./page-host";

export interface RunningPage {
  readonly template: Template;
  readonly tasks: readonly PageTask[];
}

/** Why an assignment has no running page. */
export interface NoPage {
  readonly problem: string;
}

export function openPage(assignment: Assignment, mode: Mode): RunningPage | NoPage {
  const { view_spec: view } = assignment;
  if (view.type !== "tb") return { problem: "This interface kind is not supported yet" };
  try {
    const template = parseTemplate(view.config ?? "");
    return {
      template,
      tasks: assignment.tasks.map((task, index) => openTask(assignment, task, index, mode)),
    };
  } catch (error) {
    if (error instanceof TemplateError) return { problem: error.message };
    throw error;
  }
}

function openTask(
  assignment: Assignment,
  task: Assignment["tasks"][number],
  index: number,
  mode: Mode,
): PageTask {
  const host = pageHost(assignment);
  const given = assignment.solutions?.[index]?.output_values;
  const draft = mode === "execute" ? loadDraft(assignment.id, task.id) : undefined;
  const output = draft?.output ?? given;
  const known = { input: task.input_values, opened: draft?.opened ?? [], mode, host };
  return { id: task.id, state: new TaskState(output ? { ...known, output } : known) };
}

/** Keeps drafts of a page while it is worked on; call the result to stop. */
export function keepDrafts(assignmentId: string, tasks: readonly PageTask[]): () => void {
  const stops = tasks.map(({ id, state }) =>
    state.subscribe(() => saveDraft(assignmentId, id, { output: state.output, opened: state.openedLinks })),
  );
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * The answers in the order of the tasks. What the project's output specification does not know is left out:
 * the server would refuse the whole page for it.
 */
export function solutionsOf(assignment: Assignment, tasks: readonly PageTask[]): Solution[] {
  const known = Object.keys(assignment.output_spec);
  const isKnown = (key: string): boolean => known.some((id) => id === key || id.startsWith(`${key}.`));
  return tasks.map(({ state }) => {
    const entries = Object.entries(state.output);
    const unknown = entries.filter(([key]) => !isKnown(key)).map(([key]) => key);
    if (unknown.length > 0) console.warn("Not in the output specification, so not sent:", unknown);
    return { output_values: Object.fromEntries(entries.filter(([key]) => isKnown(key))) };
  });
}
