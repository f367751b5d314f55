/** One project: its pools with how far they are. */
import { Button, Code, Group, Progress, Stack, Table, Text, Title } from "@mantine/core";
import { IconStack2 } from "@tabler/icons-react";
import { type Pool, type PoolSummary, requester } from "@talka/api";
import { EmptyState, formatCount, formatMoney, QueryState, RelativeTime } from "@talka/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import classes from "./requester.module.css";
import { Crumbs } from "./shell";
import { StatusBadge } from "./status-badge";
import { useSummary } from "./summary";

const STEP = 50;

export function ProjectPage({ id }: { id: string }) {
  const project = useQuery({ queryKey: ["project", id], queryFn: () => requester.project(id) });
  return (
    <Stack gap="lg">
      <QueryState query={project}>
        {({ public_name, public_description, status }) => (
          <>
            <Crumbs path={[{ label: "Projects", to: "/requester/projects" }, { label: public_name }]} />
            <Stack gap={4}>
              <Group gap="sm">
                <Title order={1}>{public_name}</Title>
                <StatusBadge status={status} />
              </Group>
              {public_description && <Text c="dimmed">{public_description}</Text>}
            </Stack>
            <Pools projectId={id} />
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function Pools({ projectId }: { projectId: string }) {
  const [limit, setLimit] = useState(STEP);
  const pools = useQuery({
    queryKey: ["pools", projectId, limit],
    queryFn: () => requester.pools(projectId, limit),
    placeholderData: keepPreviousData,
    refetchInterval: 5_000,
  });
  return (
    <QueryState query={pools}>
      {({ items, has_more }) => (
        <>
          {items.length === 0 ? (
            <EmptyState icon={IconStack2} title="No pools yet">
              Create one with <Code>POST /api/v1/pools</Code>, or in Python with{" "}
              <Code>TolokaClient.create_pool</Code>, then upload tasks and open it.
            </EmptyState>
          ) : (
            <PoolTable pools={items} />
          )}
          {has_more && (
            <Button variant="default" onClick={() => setLimit(limit + STEP)}>
              Show more
            </Button>
          )}
        </>
      )}
    </QueryState>
  );
}

function PoolTable({ pools }: { pools: readonly Pool[] }) {
  return (
    <div className={classes.panel}>
      <Table
        layout="fixed"
        verticalSpacing="sm"
        withRowBorders={false}
        highlightOnHover
        highlightOnHoverColor="var(--talka-hover)"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Pool</Table.Th>
            <Table.Th w={112}>Status</Table.Th>
            <Table.Th w="28%">Done</Table.Th>
            <Table.Th w={104} ta="end" className={classes.wide}>
              Spent
            </Table.Th>
            <Table.Th w={136} ta="end" className={classes.wide}>
              Created
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {pools.map((pool) => (
            <PoolRow key={pool.id} pool={pool} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function PoolRow({ pool }: { pool: Pool }) {
  const { data: summary } = useSummary(pool);
  return (
    <Table.Tr data-testid="pool-row">
      <Table.Td>
        <Link href={`/requester/project/${pool.project_id}/pool/${pool.id}`} className={classes.name}>
          {pool.private_name}
        </Link>
      </Table.Td>
      <Table.Td>
        <StatusBadge status={pool.status} />
      </Table.Td>
      <Table.Td>
        <Progress
          value={summary?.progress.percent ?? 0}
          size="sm"
          aria-label={`Done in ${pool.private_name}`}
        />
        <Text c="dimmed" mt={4} className="talka-numbers">
          {summary ? progressText(summary.progress) : "\u00a0"}
        </Text>
      </Table.Td>
      <Table.Td ta="end" className={`${classes.wide} talka-numbers`}>
        {summary ? formatMoney(summary.spent) : ""}
      </Table.Td>
      <Table.Td ta="end" className={classes.wide}>
        <RelativeTime date={pool.created} />
      </Table.Td>
    </Table.Tr>
  );
}

function progressText({ done, total }: PoolSummary["progress"]): string {
  return total === 0 ? "No tasks yet" : `${formatCount(done)} of ${formatCount(total)} answers`;
}
