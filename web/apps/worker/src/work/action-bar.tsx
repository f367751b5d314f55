/** The bar under a page, in reach of the thumb: skip, how far one is, submit. */
import { Button } from "@mantine/core";
import type { ViewSettings } from "@talka/api";
import type { PageTask } from "@talka/template";
import { Key } from "@talka/ui";
import { useCallback, useEffect, useSyncExternalStore } from "react";
import classes from "./work.module.css";

const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";

/** How many tasks have an answer without errors. */
function useAnswered(tasks: readonly PageTask[]): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = tasks.map(({ state }) => state.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [tasks],
  );
  return useSyncExternalStore(
    subscribe,
    () => tasks.filter(({ state }) => state.status() === "answered").length,
  );
}

interface ActionBarProps {
  tasks: readonly PageTask[];
  settings: ViewSettings;
  busy: boolean;
  onSkip: () => void;
  /** Undefined when the page cannot be answered. */
  onSubmit: (() => void) | undefined;
}

export function ActionBar({ tasks, settings, busy, onSkip, onSubmit }: ActionBarProps) {
  const answered = useAnswered(tasks);
  const canSubmit = onSubmit !== undefined && settings.showSubmit !== false;

  useEffect(() => {
    if (!canSubmit) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      if (event.target instanceof Element && event.target.closest('[role="dialog"]')) return;
      event.preventDefault();
      onSubmit();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [canSubmit, onSubmit]);

  return (
    <footer className={classes.bottom}>
      <div className={classes.row}>
        {settings.showSkip !== false && (
          <Button variant="default" size="md" disabled={busy} onClick={onSkip}>
            Skip
          </Button>
        )}
        <span className={`${classes.progress} talka-numbers`} data-testid="progress">
          {tasks.length > 1 && `${answered} of ${tasks.length} answered`}
        </span>
        {canSubmit && (
          <Button
            className={classes.submit ?? ""}
            size="md"
            loading={busy}
            aria-keyshortcuts="Control+Enter"
            rightSection={<Key name={`${COMMAND_KEY} ↵`} onAccent />}
            onClick={onSubmit}
          >
            Submit
          </Button>
        )}
      </div>
    </footer>
  );
}
