/** One task of a page: its view, and above it what was wrong with the last answer. */
import { Alert } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { evaluate, Handle, type TaskState, type Template } from "@talka/template-core";
import { cx } from "@talka/ui";
import { type Ref, useCallback, useLayoutEffect } from "react";
import { useTaskValue } from "./hooks";
import classes from "./page.module.css";
import { Placeholder } from "./placeholder";
import { Slot } from "./slot";

export interface TaskAlert {
  readonly title: string;
  readonly messages: readonly string[];
}

interface TaskCardProps {
  ref: Ref<HTMLElement>;
  id: string;
  state: TaskState;
  template: Template;
  name: string;
  alert: TaskAlert | undefined;
  focused: boolean;
  hidden: boolean;
  onFocus: () => void;
}

function useRoot(state: TaskState, template: Template): unknown {
  const compute = useCallback(() => evaluate(template.view, { task: state }), [state, template]);
  return useTaskValue(state, compute);
}

export function TaskCard(props: TaskCardProps) {
  const { ref, id, state, template, name, alert, focused, hidden, onFocus } = props;
  const root = useRoot(state, template);
  useLayoutEffect(() => {
    state.revive();
    return () => state.dispose();
  }, [state]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring its own look and no better name
    <section
      ref={ref}
      role="group"
      aria-label={name}
      tabIndex={-1}
      data-testid="task"
      data-task-id={id}
      className={cx(classes.task, focused && classes.focused, hidden && classes.hidden)}
      onFocus={onFocus}
      onPointerDown={onFocus}
    >
      {alert && (
        <Alert
          color="red"
          icon={<IconAlertCircle aria-hidden />}
          title={alert.title}
          mb="md"
          data-testid="task-alert"
        >
          {alert.messages.map((message) => (
            <div key={message}>{message}</div>
          ))}
        </Alert>
      )}
      {root instanceof Handle ? (
        <Slot handle={root} />
      ) : (
        <Placeholder>This interface gives no view for this task</Placeholder>
      )}
    </section>
  );
}
