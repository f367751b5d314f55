/** Short messages at the bottom left that leave by themselves and can be closed. */
import { CloseButton, Group, Paper, Text } from "@mantine/core";
import { type ReactNode, useSyncExternalStore } from "react";
import classes from "./toasts.module.css";

interface Toast {
  readonly id: number;
  readonly content: ReactNode;
}

const DEFAULT_DURATION_MS = 4500;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function update(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Shows a message for `duration` milliseconds. */
export function showToast(content: ReactNode, duration = DEFAULT_DURATION_MS): void {
  lastId += 1;
  const toast = { id: lastId, content };
  update([...toasts, toast]);
  setTimeout(() => closeToast(toast.id), duration);
}

function closeToast(id: number): void {
  update(toasts.filter((toast) => toast.id !== id));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function Toasts() {
  const shown = useSyncExternalStore(subscribe, () => toasts);
  return (
    <div className={classes.stack} role="status" aria-live="polite">
      {shown.map((toast) => (
        <Paper key={toast.id} className={classes.toast} p="xs" ps="sm">
          <Group justify="space-between" wrap="nowrap" gap="sm">
            <Text size="sm" component="div">
              {toast.content}
            </Text>
            <CloseButton
              size="sm"
              variant="transparent"
              c="inherit"
              aria-label="Close message"
              onClick={() => closeToast(toast.id)}
            />
          </Group>
        </Paper>
      ))}
    </div>
  );
}
