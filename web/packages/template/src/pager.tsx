/** The numbered buttons of a page that shows one task at a time; they show which tasks are answered or wrong. */
import { cx } from "@talka/ui";
import { useCallback, useSyncExternalStore } from "react";
import type { PageTask } from "./page";
import classes from "./pager.module.css";

const WORDS = { open: "not answered", answered: "answered", invalid: "has an error" };

interface PagerProps {
  tasks: readonly PageTask[];
  current: number;
  onShow: (index: number) => void;
}

export function Pager({ tasks, current, onShow }: PagerProps) {
  return (
    <nav className={classes.pager} aria-label="Tasks of this page">
      {tasks.map((task, index) => (
        <PagerButton
          key={task.id}
          task={task}
          number={index + 1}
          current={index === current}
          onShow={() => onShow(index)}
        />
      ))}
    </nav>
  );
}

interface PagerButtonProps {
  task: PageTask;
  number: number;
  current: boolean;
  onShow: () => void;
}

function PagerButton({ task: { state }, number, current, onShow }: PagerButtonProps) {
  const read = useCallback(() => state.status(), [state]);
  const status = useSyncExternalStore(state.subscribe, read);
  return (
    <button
      type="button"
      className={cx(classes.button, classes[status])}
      aria-current={current ? "step" : undefined}
      aria-label={`Task ${number}, ${WORDS[status]}`}
      onClick={onShow}
    >
      {number}
    </button>
  );
}
