/** One page of tasks at work, with its two bars. */
import { Alert } from "@mantine/core";
import { IconAlertCircle, IconPuzzleOff } from "@tabler/icons-react";
import { type PageHandle, type PageTask, TemplatePage, unsupportedTypes } from "@talka/template";
import { EmptyState } from "@talka/ui";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { ActionBar } from "./action-bar";
import { Confirm } from "./confirm";
import { keepDrafts, openPage, solutionsOf } from "./task-page";
import { TopBar } from "./top-bar";
import type { useWork, WorkState } from "./use-work";
import classes from "./work.module.css";

interface WorkScreenProps {
  state: Extract<WorkState, { stage: "working" }>;
  work: ReturnType<typeof useWork>;
  title: string;
  onInstructions: () => void;
}

const NO_TASKS: readonly PageTask[] = [];

export function WorkScreen({ state, work, title, onInstructions }: WorkScreenProps) {
  const { assignment, alerts, problem } = state;
  const [, navigate] = useLocation();
  const [question, setQuestion] = useState<"skip" | "exit">();
  const handle = useRef<PageHandle>(null);
  const [opened] = useState(() => openPage(assignment, "execute"));
  const page = "tasks" in opened ? opened : undefined;
  const tasks = page?.tasks ?? NO_TASKS;

  useEffect(() => keepDrafts(assignment.id, tasks), [assignment.id, tasks]);
  useEffect(() => {
    window.scrollTo({ top: 0 });
  }, []);
  useEffect(() => {
    const first = tasks.findIndex(({ id }) => alerts[id] !== undefined);
    if (first >= 0) handle.current?.show(first);
  }, [alerts, tasks]);

  const { checkExpiry } = work;
  const onTimeUp = useCallback(() => void checkExpiry(assignment), [checkExpiry, assignment]);

  const submit = () => {
    if (!work.busy && handle.current?.check()) void work.submit(assignment, solutionsOf(assignment, tasks));
  };
  const skip = () => {
    const hasAnswers = tasks.some(({ state: task }) => Object.keys(task.output).length > 0);
    if (hasAnswers) setQuestion("skip");
    else void work.skip(assignment);
  };
  const answer = (act: () => void) => () => {
    setQuestion(undefined);
    act();
  };

  return (
    <div className={classes.page} data-testid="work" data-assignment-id={assignment.id}>
      <TopBar
        assignment={assignment}
        title={title}
        onInstructions={onInstructions}
        onExit={() => setQuestion("exit")}
        onTimeUp={onTimeUp}
      />
      <main className={classes.content}>
        {page ? (
          <>
            <Unsupported page={page} />
            <TemplatePage
              ref={handle}
              template={page.template}
              tasks={tasks}
              alerts={alerts}
              onEnter={submit}
            />
          </>
        ) : (
          <EmptyState icon={IconPuzzleOff} title={"problem" in opened ? opened.problem : ""}>
            Skip this page to get another one, or exit.
          </EmptyState>
        )}
        {problem !== undefined && (
          <Alert color="red" icon={<IconAlertCircle />} mt="md" role="alert" data-testid="submit-problem">
            {problem}
          </Alert>
        )}
      </main>
      <ActionBar
        tasks={tasks}
        settings={assignment.view_spec.settings ?? {}}
        busy={work.busy}
        onSkip={skip}
        onSubmit={page && submit}
      />
      <Confirm
        opened={question === "skip"}
        title="Skip this page?"
        text="Your answers on it are dropped and you do not get this page again."
        keep="Go on answering"
        lose="Skip the page"
        onKeep={answer(() => undefined)}
        onLose={answer(() => void work.skip(assignment))}
        onClose={answer(() => undefined)}
      />
      <Confirm
        opened={question === "exit"}
        title="Leave this page?"
        text="Kept for later, it waits with your answers until its time is up. Given back, somebody else gets it."
        keep="Keep for later"
        lose="Give back"
        onKeep={answer(() => navigate("/tasks"))}
        onLose={answer(() => void work.giveBack(assignment))}
        onClose={answer(() => undefined)}
      />
    </div>
  );
}

/** What of the interface works differently here; what cannot be drawn shows itself in place. */
function Unsupported({ page }: { page: { template: Parameters<typeof unsupportedTypes>[0] } }) {
  const types = useMemo(() => unsupportedTypes(page.template), [page.template]);
  if (types.length === 0) return null;
  return (
    <Alert color="yellow" mb="md" data-testid="unsupported">
      {`Parts of this interface have no effect in this version: ${types.join(", ")}`}
    </Alert>
  );
}
