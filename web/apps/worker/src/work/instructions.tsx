/** A project's instructions: shown before the first page, again when they change, and on demand. */
import { Button, Group, Modal, Skeleton, Text } from "@mantine/core";
import { type Instructions, worker } from "@talka/api";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

/** The sanitiser is loaded with the first instructions that are shown. */
const SafeHtml = lazy(() => import("@talka/ui/html").then((module) => ({ default: module.SafeHtml })));

const seenKey = (projectId: string): string => `INSTRUCTIONS_SEEN:${projectId}`;

const textOf = (instructions: Instructions | undefined): string =>
  instructions?.public_instructions?.trim() ?? "";

/** A short mark of a text, to notice that it has changed. */
function fingerprint(text: string): string {
  let hash = 5381;
  for (let index = 0; index < text.length; index += 1)
    hash = (hash * 33 + text.charCodeAt(index)) % 4_294_967_296;
  return `${text.length}-${hash}`;
}

export function useInstructions(projectId: string) {
  return useQuery({
    queryKey: ["instructions", projectId],
    queryFn: () => worker.instructions(projectId),
    staleTime: 60_000,
  });
}

export function isUnread(projectId: string, instructions: Instructions | undefined): boolean {
  const text = textOf(instructions);
  return text !== "" && localStorage.getItem(seenKey(projectId)) !== fingerprint(text);
}

export const wasEverRead = (projectId: string): boolean => localStorage.getItem(seenKey(projectId)) !== null;

export function markRead(projectId: string, instructions: Instructions | undefined): void {
  localStorage.setItem(seenKey(projectId), fingerprint(textOf(instructions)));
}

interface InstructionsDialogProps {
  opened: boolean;
  instructions: Instructions | undefined;
  /** What the button says that closes it. */
  action: string;
  onClose: () => void;
}

export function InstructionsDialog({ opened, instructions, action, onClose }: InstructionsDialogProps) {
  const text = textOf(instructions);
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={<Text fw={600}>Instructions</Text>}
      size="lg"
      closeButtonProps={{ "aria-label": "Close instructions" }}
    >
      {text === "" ? (
        <Text c="dimmed">This task has no instructions.</Text>
      ) : (
        <Suspense fallback={<Skeleton height={120} />}>
          <SafeHtml html={text} />
        </Suspense>
      )}
      <Group justify="flex-end" mt="lg">
        <Button data-autofocus onClick={onClose}>
          {action}
        </Button>
      </Group>
    </Modal>
  );
}
