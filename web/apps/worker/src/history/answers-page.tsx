/** The answers of one page that was worked on, to read. */
import { Alert, Anchor, Badge, Group, Stack, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconPuzzleOff } from "@tabler/icons-react";
import { type Assignment, worker } from "@talka/api";
import { TemplatePage } from "@talka/template";
import { EmptyState, formatMoney, QueryState, RelativeTime } from "@talka/ui";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "wouter";
import { openPage } from "../work/task-page";
import { useProjectName } from "./project-name";
import { STATUSES, statusDate } from "./statuses";

export default function AnswersPage({ id }: { id: string }) {
  const assignment = useQuery({ queryKey: ["history", "page", id], queryFn: () => worker.assignment(id) });
  return (
    <Stack gap="lg">
      <Anchor component={Link} href="/history">
        <Group gap={6}>
          <IconArrowLeft size={16} aria-hidden />
          History
        </Group>
      </Anchor>
      <QueryState query={assignment}>{(data) => <Answers assignment={data} />}</QueryState>
    </Stack>
  );
}

function Answers({ assignment }: { assignment: Assignment }) {
  const opened = useMemo(() => openPage(assignment, "read-only"), [assignment]);
  const name = useProjectName(assignment.project_id);
  const { label, color } = STATUSES[assignment.status];
  const rejected = assignment.status === "REJECTED";
  return (
    <>
      <Stack gap={4}>
        <Group gap="sm">
          <Title order={1}>{name ?? "Your answers"}</Title>
          <Badge color={color} variant="light">
            {label}
          </Badge>
        </Group>
        <Text c="dimmed" className="talka-numbers">
          <RelativeTime date={statusDate(assignment)} /> · {formatMoney(assignment.reward)}
        </Text>
      </Stack>
      {assignment.public_comment && (
        <Alert
          color={rejected ? "red" : "blue"}
          title={rejected ? "Why it was rejected" : "From the requester"}
        >
          {assignment.public_comment}
        </Alert>
      )}
      {"tasks" in opened ? (
        <TemplatePage template={opened.template} tasks={opened.tasks} readOnly />
      ) : (
        <EmptyState icon={IconPuzzleOff} title={opened.problem} />
      )}
    </>
  );
}
