/** What the worker has earned: the balance, and where it came from. */
import { Button, Group, Paper, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { IconWallet } from "@tabler/icons-react";
import { type Earning, worker } from "@talka/api";
import { EmptyState, formatMoney, QueryState, RelativeTime } from "@talka/ui";
import { SafeHtml } from "@talka/ui/html";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { useMe } from "../session";

const STEP = 50;

export default function EarningsPage() {
  const [limit, setLimit] = useState(STEP);
  const earnings = useQuery({
    queryKey: ["earnings", limit],
    queryFn: () => worker.earnings(limit),
    placeholderData: keepPreviousData,
  });
  return (
    <Stack gap="lg">
      <Title order={1}>Earnings</Title>
      <Balance />
      <QueryState query={earnings}>
        {({ items, has_more }) => (
          <>
            {items.length === 0 ? <Nothing /> : <EarningsTable items={items} />}
            {has_more && (
              <Group>
                <Button variant="default" onClick={() => setLimit(limit + STEP)}>
                  Show more
                </Button>
              </Group>
            )}
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function Balance() {
  const me = useMe();
  const balance = me.data?.balance;
  return (
    <SimpleGrid cols={2} spacing="sm">
      <Amount label="Available" amount={balance?.available} testId="available" />
      <Amount label="Under review" amount={balance?.on_review} testId="on-review" />
    </SimpleGrid>
  );
}

function Amount({ label, amount, testId }: { label: string; amount: number | undefined; testId: string }) {
  return (
    <Paper p="md" radius="lg" bg="var(--talka-surface)">
      <Text c="dimmed">{label}</Text>
      <Text size="xl" fw={600} className="talka-numbers" data-testid={testId}>
        {amount === undefined ? "–" : formatMoney(amount)}
      </Text>
    </Paper>
  );
}

function EarningsTable({ items }: { items: readonly Earning[] }) {
  return (
    <Paper radius="lg" p="xs" bg="var(--talka-surface)">
      <Table
        verticalSpacing="xs"
        withRowBorders={false}
        highlightOnHover
        highlightOnHoverColor="var(--talka-hover)"
      >
        <Table.Thead>
          <Table.Tr>
            <Table.Th>For</Table.Th>
            <Table.Th>When</Table.Th>
            <Table.Th ta="end">Amount</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {items.map((item) => (
            <Table.Tr key={item.bonus_id ?? item.assignment_id} data-testid="earning">
              <Table.Td>
                {item.title}
                {item.kind === "BONUS" && <Text c="dimmed">Bonus</Text>}
                {item.message && <SafeHtml html={item.message} />}
              </Table.Td>
              <Table.Td>
                <RelativeTime date={item.created} />
              </Table.Td>
              <Table.Td ta="end" className="talka-numbers">
                {formatMoney(item.amount)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Paper>
  );
}

function Nothing() {
  return (
    <EmptyState
      icon={IconWallet}
      title="No earnings yet"
      action={
        <Button component={Link} href="/tasks">
          Find a task
        </Button>
      }
    >
      Every accepted page appears here with what it paid.
    </EmptyState>
  );
}
