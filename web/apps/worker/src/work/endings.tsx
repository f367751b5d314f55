/** Why work on a card ended, and what to do next. */
import { Button, Group } from "@mantine/core";
import { IconCircleCheck, IconCloudOff, IconHourglassEmpty, IconLock } from "@tabler/icons-react";
import { isApiError } from "@talka/api";
import { EmptyState } from "@talka/ui";
import { Link } from "wouter";
import { reasonText } from "../tasks/reasons";

export type Ending =
  | { readonly kind: "no-more"; readonly final: boolean }
  | { readonly kind: "expired" }
  | { readonly kind: "done" }
  | {
      readonly kind: "denied";
      readonly reason: string | undefined;
      readonly trainingPoolId: string | undefined;
    }
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly message: string };

/** The pool has nothing for this worker, now or for good. */
export const isNoMore = (error: unknown): boolean =>
  isApiError(error, "POOL_ASSIGNMENTS_EXHAUSTED", "POOL_INAPPROPRIATE_STATUS");

const textIn = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export function endingOf(error: unknown): Ending {
  if (!isApiError(error))
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  if (isNoMore(error)) return { kind: "no-more", final: error.payload.final !== false };
  if (error.code === "ACCESS_DENIED") {
    const { reason, training_pool_id } = error.payload;
    return { kind: "denied", reason: textIn(reason), trainingPoolId: textIn(training_pool_id) };
  }
  return error.status === 404 ? { kind: "gone" } : { kind: "failed", message: error.message };
}

interface EndingPageProps {
  ending: Ending;
  projectId: string;
  again: () => void;
}

export function EndingPage({ ending, projectId, again }: EndingPageProps) {
  const toTasks = (
    <Button component={Link} href="/tasks" variant="default" data-testid="to-tasks">
      All tasks
    </Button>
  );
  const withRetry = (label: string) => (
    <Group gap="xs" justify="center">
      <Button autoFocus onClick={again}>
        {label}
      </Button>
      {toTasks}
    </Group>
  );
  switch (ending.kind) {
    case "no-more":
      return (
        <EmptyState
          icon={IconCircleCheck}
          title="All done here"
          action={ending.final ? toTasks : withRetry("Look again")}
        >
          {ending.final
            ? "There are no more pages of this task for you. Thank you."
            : "Other people are working on the last pages. Some may come back, so look again in a few minutes."}
        </EmptyState>
      );
    case "expired":
      return (
        <EmptyState
          icon={IconHourglassEmpty}
          title="This page is closed"
          action={withRetry("Take another page")}
        >
          Its time ran out or it was given back, so others can do it. Nothing counts against the answers you
          sent before.
        </EmptyState>
      );
    case "done":
      return (
        <EmptyState icon={IconCircleCheck} title="Already sent" action={withRetry("Take another page")}>
          You sent the answers of this page before.
        </EmptyState>
      );
    case "denied":
      return (
        <DeniedPage reason={ending.reason} trainingPoolId={ending.trainingPoolId} projectId={projectId} />
      );
    case "gone":
      return (
        <EmptyState icon={IconLock} title="This task is no longer open" action={toTasks}>
          It may be finished, or not open to you at the moment.
        </EmptyState>
      );
    case "failed":
      return (
        <EmptyState icon={IconCloudOff} title="That did not work" action={withRetry("Try again")}>
          {ending.message}
        </EmptyState>
      );
  }
}

interface DeniedPageProps {
  reason: string | undefined;
  trainingPoolId: string | undefined;
  projectId: string;
}

function DeniedPage({ reason, trainingPoolId, projectId }: DeniedPageProps) {
  const { text, link } = reasonText(reason);
  return (
    <EmptyState
      icon={IconLock}
      title="Not open to you now"
      action={
        <Group gap="xs" justify="center">
          {trainingPoolId && (
            <Button component="a" href={`/tasks/${projectId}/pools/${trainingPoolId}`}>
              Start the training
            </Button>
          )}
          {link && (
            <Button component={Link} href={link.to}>
              {link.label}
            </Button>
          )}
          <Button component={Link} href="/tasks" variant="default">
            All tasks
          </Button>
        </Group>
      }
    >
      {text}
    </EmptyState>
  );
}
