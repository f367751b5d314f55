/** The parts around a component: its label with the hint, and its errors. */
import { ActionIcon, Popover, Text } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import classes from "./frame.module.css";

interface LabelProps {
  id: string;
  text: string;
  hint: string;
  required: boolean;
  forControl: boolean;
}

export function Label({ id, text, hint, required, forControl }: LabelProps) {
  const content = (
    <>
      {text}
      {required && (
        <span className={classes.required} aria-hidden>
          *
        </span>
      )}
    </>
  );
  return (
    <div className={classes.label}>
      {forControl ? (
        <label id={`${id}-label`} htmlFor={id}>
          {content}
        </label>
      ) : (
        <span id={`${id}-label`}>{content}</span>
      )}
      <Hint text={hint} />
    </div>
  );
}

/** An icon that opens an explanation. */
export function Hint({ text }: { text: string }) {
  if (text === "") return null;
  return (
    <Popover position="right" withArrow shadow="sm" width={260}>
      <Popover.Target>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Explain">
          <IconInfoCircle size={16} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" style={{ whiteSpace: "pre-line" }}>
          {text}
        </Text>
      </Popover.Dropdown>
    </Popover>
  );
}

export function ErrorList({ id, messages }: { id: string; messages: readonly string[] }) {
  if (messages.length === 0) return null;
  return (
    <div id={id} role="alert">
      <ul className={classes.errors}>
        {messages.map((message) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
    </div>
  );
}
