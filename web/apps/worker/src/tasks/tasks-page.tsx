/** The list of tasks one can take. */
import { Alert, Stack, TextInput, Title } from "@mantine/core";
import { IconClipboardCheck, IconSearch, IconSearchOff } from "@tabler/icons-react";
import { type TaskCard as Card, worker } from "@talka/api";
import { EmptyState, QueryState, RowsSkeleton } from "@talka/ui";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "wouter";
import { TaskCard } from "./task-card";

const REFRESH_MS = 15_000;
const SEARCHABLE_FROM = 6;

export const useCards = () =>
  useQuery({ queryKey: ["cards"], queryFn: worker.cards, refetchInterval: REFRESH_MS });

/** Pages already taken come first, then what can be taken, then the rest. */
const rank = (card: Card): number => (card.active_assignment_id ? 0 : card.available ? 1 : 2);

export function TasksPage() {
  const cards = useCards();
  return (
    <Stack gap="lg">
      <Title order={1}>Tasks</Title>
      <QueryState query={cards} skeleton={<RowsSkeleton rows={3} height={132} />}>
        {({ items }) => <CardList cards={[...items].sort((a, b) => rank(a) - rank(b))} />}
      </QueryState>
    </Stack>
  );
}

function CardList({ cards }: { cards: readonly Card[] }) {
  const [params, setParams] = useSearchParams();
  const linked = params.get("projectId");
  const query = params.get("q") ?? "";
  if (cards.length === 0) {
    return (
      <EmptyState icon={IconClipboardCheck} title="No tasks for you right now">
        New tasks appear here by themselves. Languages and other facts in your profile open more of them.
      </EmptyState>
    );
  }
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (card: Card): boolean => {
    const text = `${card.title} ${card.description ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const shown = cards.filter(matches);
  return (
    <Stack gap="sm">
      {linked !== null && !cards.some((card) => card.project_id === linked) && (
        <Alert color="yellow">The task you followed a link to is not open to you now.</Alert>
      )}
      {cards.length >= SEARCHABLE_FROM && (
        <TextInput
          aria-label="Search tasks"
          placeholder="Search tasks"
          leftSection={<IconSearch size={16} />}
          value={query}
          onChange={({ currentTarget: { value } }) =>
            setParams(
              (before) => {
                if (value === "") before.delete("q");
                else before.set("q", value);
                return before;
              },
              { replace: true },
            )
          }
        />
      )}
      {shown.length === 0 && <EmptyState icon={IconSearchOff} title={`No task matches "${query}"`} />}
      {shown.map((card) => (
        <TaskCard
          key={`${card.project_id}:${card.pool_id}`}
          card={card}
          linked={card.project_id === linked}
        />
      ))}
    </Stack>
  );
}
