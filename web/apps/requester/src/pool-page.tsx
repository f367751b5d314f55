/** One pool (or training) at a glance: how far, what it has cost, how pages ended, where the answers are. */
import { Button, Group, Progress, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type Pool, type PoolSummary, requester, resultsAddress } from "@talka/api";
import { formatCount, formatMoney, plural, QueryState, RelativeTime, RowsSkeleton } from "@talka/ui";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import classes from "./requester.module.css";
import { Crumbs } from "./shell";
import { closeReason, StatusBadge } from "./status-badge";
import { LIVE_MS, useSummary } from "./summary";

const IDLE_MS = 10_000;

export function PoolPage({ projectId, id }: { projectId: string; id: string }) {
  const pool = useQuery({
    queryKey: ["pool", id],
    queryFn: () => requester.pool(id),
    refetchInterval: ({ state }) => (state.data?.status === "OPEN" ? LIVE_MS : IDLE_MS),
  });
  const project = useQuery({ queryKey: ["project", projectId], queryFn: () => requester.project(projectId) });
  return (
    <Stack gap="lg">
      <QueryState query={pool}>
        {(data) => (
          <>
            <Crumbs
              path={[
                { label: "Projects", to: "/requester/projects" },
                { label: project.data?.public_name ?? "Project", to: `/requester/project/${projectId}` },
                { label: data.private_name },
              ]}
            />
            <PoolHead pool={data} />
            <PoolNumbers pool={data} />
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function PoolHead({ pool }: { pool: Pool }) {
  const { status, last_started, last_stopped } = pool;
  return (
    <Group justify="space-between" align="flex-start">
      <Stack gap={4}>
        <Group gap="sm">
          <Title order={1}>{pool.private_name}</Title>
          <StatusBadge status={status} />
        </Group>
        <Text c="dimmed" data-testid="pool-state">
          {status === "OPEN" && last_started ? (
            <>
              Open since <RelativeTime date={last_started} />
            </>
          ) : (
            <>
              {closeReason(pool.last_close_reason)}
              {last_stopped && (
                <>
                  {" · "}
                  <RelativeTime date={last_stopped} />
                </>
              )}
            </>
          )}
        </Text>
      </Stack>
      <Button
        component="a"
        href={resultsAddress(pool.id)}
        download={`assignments-${pool.id}.tsv`}
        leftSection={<IconDownload size={16} />}
        variant="default"
      >
        Download results (TSV)
      </Button>
    </Group>
  );
}

function PoolNumbers({ pool }: { pool: Pool }) {
  const summary = useSummary(pool);
  return (
    <QueryState query={summary} skeleton={<RowsSkeleton rows={2} height={160} />}>
      {(numbers) => (
        <Stack gap="sm">
          <Done summary={numbers} />
          <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm">
            <Tile
              label="Spent"
              value={formatMoney(numbers.spent)}
              note={`${formatMoney(numbers.held)} held for pages at work and under review`}
            />
            <Tile
              label="Price of a page"
              value={formatMoney(pool.reward_per_assignment)}
              note={acceptance(pool)}
            />
            <Tile
              label="Workers"
              value={formatCount(numbers.workers)}
              note={`${plural(numbers.assignments.active, "page")} at work now`}
            />
            <Tile
              label="Waiting for your review"
              value={formatCount(numbers.assignments.submitted)}
              note={
                pool.auto_accept_solutions === false
                  ? "Sent and not yet accepted or rejected"
                  : "Pages are accepted by themselves"
              }
            />
          </SimpleGrid>
          <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
            <Pages summary={numbers} />
            <Tasks summary={numbers} />
          </SimpleGrid>
        </Stack>
      )}
    </QueryState>
  );
}

function acceptance({ auto_accept_solutions, auto_accept_period_day }: Pool): string {
  if (auto_accept_solutions !== false) return "Accepted and paid at once";
  return auto_accept_period_day
    ? `Accepted by itself after ${plural(auto_accept_period_day, "day")}`
    : "Accepted by you";
}

function Done({ summary }: { summary: PoolSummary }) {
  const { done, total, percent } = summary.progress;
  return (
    <div className={classes.tile} data-testid="progress">
      <Group justify="space-between" mb="xs">
        <Text fw={600} size="md" className="talka-numbers">
          {total === 0 ? "Nothing to answer yet" : `${formatCount(done)} of ${formatCount(total)} answers`}
        </Text>
        <Text c="dimmed" className="talka-numbers">
          {`${Math.floor(percent)} %`}
        </Text>
      </Group>
      <Progress value={percent} size="lg" aria-label="Answers done" />
    </div>
  );
}

function Tile({ label, value, note }: { label: string; value: string; note: ReactNode }) {
  return (
    <div className={classes.tile}>
      <Text c="dimmed">{label}</Text>
      <Text size="xl" fw={600} className="talka-numbers">
        {value}
      </Text>
      <Text c="dimmed">{note}</Text>
    </div>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly (readonly [string, number])[] }) {
  return (
    <section className={classes.tile}>
      <Title order={2} mb="sm">
        {title}
      </Title>
      <dl className={classes.facts}>
        {facts.map(([label, count]) => (
          <Fact key={label} label={label} count={count} />
        ))}
      </dl>
    </section>
  );
}

function Fact({ label, count }: { label: string; count: number }) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{formatCount(count)}</dd>
    </>
  );
}

function Pages({ summary: { assignments } }: { summary: PoolSummary }) {
  return (
    <Facts
      title="Pages"
      facts={[
        ["At work", assignments.active],
        ["Waiting for review", assignments.submitted],
        ["Accepted", assignments.accepted],
        ["Rejected", assignments.rejected],
        ["Skipped", assignments.skipped],
        ["Out of time", assignments.expired],
      ]}
    />
  );
}

function Tasks({ summary: { tasks } }: { summary: PoolSummary }) {
  return (
    <Facts
      title="Tasks"
      facts={[
        ["General", tasks.general],
        ["Control", tasks.control],
        ["Training", tasks.training],
      ]}
    />
  );
}
