/** What to show while a query has no data: a skeleton, or what went wrong with a way to try again. */
import { Alert, Button, Group, Skeleton, Stack } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Query<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => unknown;
}

interface QueryStateProps<T> {
  query: Query<T>;
  skeleton?: ReactNode;
  children: (data: T) => ReactNode;
}

export function QueryState<T>({ query, skeleton, children }: QueryStateProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <LoadError error={query.error} retry={query.refetch} />;
  return skeleton ?? <RowsSkeleton />;
}

export function LoadError({ error, retry }: { error: Error; retry: () => unknown }) {
  return (
    <Alert color="red" icon={<IconAlertCircle />} title="This could not be loaded">
      <Group justify="space-between">
        {error.message}
        <Button variant="default" size="xs" onClick={() => void retry()}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}

export function RowsSkeleton({ rows = 4, height = 56 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="xs" aria-busy="true" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => index).map((index) => (
        <Skeleton key={index} height={height} />
      ))}
    </Stack>
  );
}
