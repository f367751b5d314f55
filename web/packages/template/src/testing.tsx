/** Draws one task of a config on a page; for the tests of components. */
import { MantineProvider } from "@mantine/core";
import { type JsonObject, type Mode, parseTemplate, type TaskOptions, TaskState } from "@talka/template-core";
import { act, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { type PageHandle, TemplatePage, type TemplatePageProps } from "./page";

interface Options extends Partial<Omit<TemplatePageProps, "template" | "tasks" | "ref">> {
  readonly input?: JsonObject;
  readonly output?: JsonObject;
  readonly mode?: Mode;
  readonly plugins?: readonly unknown[];
  readonly host?: TaskOptions["host"];
  /** How many equal tasks the page has. */
  readonly count?: number;
}

export const output = (path: string, extra: JsonObject = {}) => ({ type: "data.output", path, ...extra });
export const input = (path: string) => ({ type: "data.input", path });

export function renderTask(view: unknown, options: Options = {}) {
  const {
    input: values = {},
    output: answers,
    mode = "execute",
    plugins = [],
    host,
    count = 1,
    ...props
  } = options;
  const template = parseTemplate(JSON.stringify({ view, plugins }));
  const given = { input: values, mode, ...(answers && { output: answers }), ...(host && { host }) };
  const tasks = Array.from({ length: count }, (_, index) => ({
    id: `t${index}`,
    state: new TaskState(given),
  }));
  const page = createRef<PageHandle>();
  const readOnly = mode === "read-only";
  const result = render(
    <MantineProvider env="test">
      <TemplatePage ref={page} template={template} tasks={tasks} readOnly={readOnly} {...props} />
    </MantineProvider>,
  );
  const states = tasks.map(({ state }) => state);
  const task = states[0];
  if (!task) throw new Error("a page has at least one task");
  const check = (): boolean => {
    let valid = false;
    act(() => {
      valid = page.current?.check() ?? false;
    });
    return valid;
  };
  return { ...result, user: userEvent.setup(), task, states, check };
}
