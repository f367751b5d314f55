/** The name of the product with its mark: three neighbours around one piece of work. */
import { Group, Text } from "@mantine/core";

export function Brand({ suffix }: { suffix?: string }) {
  return (
    <Group gap={8} wrap="nowrap">
      <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
        <rect width="24" height="24" rx="6" fill="var(--mantine-color-baltic-7)" />
        <circle cx="12" cy="7.2" r="2.4" fill="#fff" />
        <circle cx="7" cy="15.8" r="2.4" fill="#fff" />
        <circle cx="17" cy="15.8" r="2.4" fill="#fff" />
        <path d="M12 7.2 7 15.8h10z" fill="none" stroke="#fff" strokeWidth="1.4" strokeLinejoin="round" />
      </svg>
      <Text fw={600} size="md">
        Talka
        {suffix !== undefined && (
          <Text span inherit fw={400} c="dimmed">
            {` ${suffix}`}
          </Text>
        )}
      </Text>
    </Group>
  );
}
