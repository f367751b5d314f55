/** What a page shows when it has nothing: an icon, what that means, and what to do next. */
import { Center, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface EmptyStateProps {
  icon: Icon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ icon: Picture, title, children, action }: EmptyStateProps) {
  return (
    <Center mih={320} p="md">
      <Stack align="center" gap="sm" maw={440} ta="center">
        <ThemeIcon size={48} radius="xl" variant="light" aria-hidden>
          <Picture size={24} stroke={1.6} />
        </ThemeIcon>
        <Title order={2}>{title}</Title>
        {children !== undefined && (
          <Text component="div" c="dimmed" size="md">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}
