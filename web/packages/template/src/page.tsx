/** A page of tasks drawn by one template: layout, focus, keys, and finding the first error. */
import { Skeleton, Stack } from "@mantine/core";
import { pageLayout, TaskState, type Template } from "@talka/template-core";
import {
  type CSSProperties,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { useLoaded } from "./loading";
import classes from "./page.module.css";
import { PageContext } from "./page-context";
import { usePageKeys } from "./page-keys";
import { Pager } from "./pager";
import { registry } from "./registry";
import { Slots } from "./slot";
import { type TaskAlert, TaskCard } from "./task-card";

export interface PageTask {
  readonly id: string;
  readonly state: TaskState;
}

export interface PageHandle {
  /** Shows every error, goes to the first, and tells whether there is none. */
  check(): boolean;
  /** Goes to a task. */
  show(index: number): void;
}

export interface TemplatePageProps {
  ref?: Ref<PageHandle>;
  template: Template;
  tasks: readonly PageTask[];
  readOnly?: boolean;
  /** What to say above tasks, by task id. */
  alerts?: Readonly<Record<string, TaskAlert>>;
  /** Enter in a one-line input of a page's only task. */
  onEnter?: () => void;
}

/** Where the focus goes once the page is drawn. */
interface Target {
  readonly index: number;
  readonly to: "task" | "error";
}

/** What answers are given with; buttons that explain things do not count. */
const CONTROLS = "input:enabled, textarea:enabled, select:enabled";

function goToError(card: HTMLElement): void {
  const frames = [...card.querySelectorAll<HTMLElement>("[data-invalid]")];
  const frame = frames.find((candidate) => candidate.querySelector("[data-invalid]") === null) ?? frames[0];
  const control = frame?.querySelector<HTMLElement>(CONTROLS);
  (control ?? card).focus({ preventScroll: true });
  (frame ?? card).scrollIntoView({ block: "center" });
}

/** The page, once everything that its template needs is loaded. */
export function TemplatePage(props: TemplatePageProps) {
  const ready = useLoaded(props.template);
  return ready ? <LoadedPage {...props} /> : <Skeleton height={240} radius="lg" aria-busy="true" />;
}

function LoadedPage(props: TemplatePageProps) {
  const { ref, template, tasks, readOnly = false, alerts = {}, onEnter } = props;
  const [focused, setFocused] = useState(0);
  const [target, setTarget] = useState<Target>();
  const cards = useRef<(HTMLElement | null)[]>([]);
  const layout = useLayout(template, tasks);
  const shown = layout.kind === "first-task-only" ? tasks.slice(0, 1) : tasks;
  const isPager = layout.kind === "pager" && shown.length > 1;

  const go = useCallback((index: number, to: Target["to"]) => {
    setFocused(index);
    setTarget({ index, to });
  }, []);
  const show = useCallback((index: number) => go(index, "task"), [go]);

  useLayoutEffect(() => {
    const card = target && cards.current[target.index];
    if (!card) return;
    if (target.to === "error") goToError(card);
    else {
      card.focus({ preventScroll: true });
      card.scrollIntoView({ block: "nearest" });
    }
  }, [target]);

  const move = useCallback(
    (step: number) => {
      const next = focused + step;
      if (next >= 0 && next < shown.length) show(next);
    },
    [focused, shown.length, show],
  );

  const check = useCallback(() => {
    const valid = shown.map(({ state }) => state.attemptSubmit());
    const first = valid.indexOf(false);
    if (first < 0) return true;
    go(first, "error");
    return false;
  }, [shown, go]);

  const answered = useCallback(() => cards.current[focused]?.focus({ preventScroll: true }), [focused]);

  useImperativeHandle(ref, () => ({ check, show }), [check, show]);
  usePageKeys({
    template,
    task: shown[focused]?.state,
    enabled: !readOnly,
    move,
    answered,
    onEnter: shown.length === 1 ? onEnter : undefined,
  });
  useEffect(() => {
    if (!readOnly) cards.current[0]?.focus({ preventScroll: true });
  }, [readOnly]);

  return (
    <PageContext value={{ template, components: registry }}>
      {layout.notifications.length > 0 && (
        <div className={classes.notifications}>
          <Slots handles={layout.notifications} />
        </div>
      )}
      <Stack align="center" gap="md">
        <div
          className={classes.tasks}
          style={{ "--task-width": layout.taskWidth, width: "100%" } as CSSProperties}
        >
          {shown.map(({ id, state }, index) => (
            <TaskCard
              key={id}
              ref={(card) => {
                cards.current[index] = card;
              }}
              id={id}
              state={state}
              template={template}
              name={`Task ${index + 1} of ${shown.length}`}
              alert={alerts[id]}
              focused={!readOnly && shown.length > 1 && index === focused}
              hidden={isPager && index !== focused}
              onFocus={() => setFocused(index)}
            />
          ))}
        </div>
        {isPager && <Pager tasks={shown} current={focused} onShow={show} />}
      </Stack>
    </PageContext>
  );
}

/** The notifications have a context of their own: all tasks' inputs, and nothing that is submitted. */
function useLayout(template: Template, tasks: readonly PageTask[]) {
  return useMemo(() => {
    const local = { inputValues: tasks.map(({ state }) => state.input) };
    return pageLayout(template, { task: new TaskState({ input: {} }), local });
  }, [template, tasks]);
}
