/** Pages the worker has done, newest first. */
import { Badge, Button, Group, SegmentedControl, Stack, Text, Title } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { type Assignment, type AssignmentStatus, worker } from "@talka/api";
import { EmptyState, formatMoney, plural, QueryState, RelativeTime } from "@talka/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "wouter";
import classes from "./history.module.css";
import { useProjectName } from "./project-name";
import { STATUSES, statusDate } from "./statuses";

const STEP = 50;
const FILTERS: readonly {
  readonly value: string;
  readonly label: string;
  readonly statuses: readonly AssignmentStatus[];
}[] = [
  { value: "sent", label: "Sent", statuses: ["SUBMITTED", "ACCEPTED", "REJECTED"] },
  { value: "review", label: "Under review", statuses: ["SUBMITTED"] },
  { value: "rejected", label: "Rejected", statuses: ["REJECTED"] },
  { value: "unfinished", label: "Not finished", statuses: ["ACTIVE", "SKIPPED", "EXPIRED"] },
];

export default function HistoryPage() {
  const [params, setParams] = useSearchParams();
  const filter = FILTERS.find(({ value }) => value === params.get("show")) ?? FILTERS[0];
  const limit = Number(params.get("limit")) || STEP;
  const status = filter?.statuses.join(",") ?? "";
  const pages = useQuery({
    queryKey: ["history", status, limit],
    queryFn: () => worker.assignments(status, limit),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="lg">
      <Title order={1}>History</Title>
      <SegmentedControl
        className={classes.filter ?? ""}
        aria-label="Which pages to show"
        data={FILTERS.map(({ value, label }) => ({ value, label }))}
        value={filter?.value ?? ""}
        onChange={(value) => setParams({ show: value }, { replace: true })}
      />
      <QueryState query={pages}>
        {({ items, has_more }) => (
          <>
            {items.length === 0 && <Nothing />}
            <div className={classes.rows}>
              {items.map((assignment) => (
                <Row key={assignment.id} assignment={assignment} />
              ))}
            </div>
            {has_more && (
              <Button
                variant="default"
                onClick={() =>
                  setParams({ show: filter?.value ?? "", limit: String(limit + STEP) }, { replace: true })
                }
              >
                Show more
              </Button>
            )}
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function Nothing() {
  return (
    <EmptyState
      icon={IconHistory}
      title="Nothing here yet"
      action={
        <Button component={Link} href="/tasks">
          Find a task
        </Button>
      }
    >
      Pages you work on appear here with what became of them.
    </EmptyState>
  );
}

function Row({ assignment }: { assignment: Assignment }) {
  const name = useProjectName(assignment.project_id);
  const { label, color } = STATUSES[assignment.status];
  const to =
    assignment.status === "ACTIVE"
      ? `/tasks/${assignment.project_id}/assignments/${assignment.id}`
      : `/history/${assignment.id}`;
  return (
    <Link href={to} className={classes.row} data-testid="history-row" data-assignment-id={assignment.id}>
      <div className={classes.what}>
        <Text fw={500}>{name ?? "\u00a0"}</Text>
        <Text c="dimmed">
          <RelativeTime date={statusDate(assignment)} />
          {` · ${plural(assignment.tasks.length, "task")}`}
        </Text>
        {assignment.public_comment && <Text mt={4}>{assignment.public_comment}</Text>}
      </div>
      <Group gap="sm" wrap="nowrap">
        <Badge color={color} variant="light">
          {label}
        </Badge>
        <Text className="talka-numbers" w={64} ta="end">
          {formatMoney(assignment.reward)}
        </Text>
      </Group>
    </Link>
  );
}
