/** Instructions of a project or pool: shown before the first page, again when they change, and on demand. */
import { Button, Group, Modal, Skeleton, Text } from "@mantine/core";
import { type Instructions, worker } from "@talka/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";

/** The sanitiser is loaded with the first instructions that are shown. */
const SafeHtml = lazy(() => import("@talka/ui/html").then((module) => ({ default: module.SafeHtml })));

/** How many texts of one project are remembered as read: its pools and trainings may have their own. */
const REMEMBERED = 20;

const seenKey = (projectId: string): string => `INSTRUCTIONS_SEEN:${projectId}`;
const poolKey = (poolId: string): string => `POOL_INSTRUCTIONS_SEEN:${poolId}`;

const textOf = (instructions: Instructions | undefined): string =>
  instructions?.public_instructions?.trim() ?? "";

/** A short mark of a text, to notice that it has changed. */
function fingerprint(text: string): string {
  let hash = 5381;
  for (let index = 0; index < text.length; index += 1)
    hash = (hash * 33 + text.charCodeAt(index)) % 4_294_967_296;
  return `${text.length}-${hash}`;
}

/** The name and instructions of a project; with a pool, once it is known, those of the pool. */
export function useInstructions(projectId: string, poolId?: string, known = true) {
  return useQuery({
    queryKey: ["instructions", projectId, poolId],
    queryFn: () => worker.instructions(projectId, poolId),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    enabled: known,
  });
}

const seenTexts = (projectId: string): string[] => localStorage.getItem(seenKey(projectId))?.split(" ") ?? [];

export function isUnread(projectId: string, instructions: Instructions | undefined): boolean {
  const text = textOf(instructions);
  return text !== "" && !seenTexts(projectId).includes(fingerprint(text));
}

/** Whether instructions were read for this pool, be they the present ones or not. */
export const wasEverRead = (poolId: string): boolean => localStorage.getItem(poolKey(poolId)) !== null;

export function markRead(projectId: string, poolId: string, instructions: Instructions | undefined): void {
  const seen = [...seenTexts(projectId), fingerprint(textOf(instructions))];
  localStorage.setItem(seenKey(projectId), seen.slice(-REMEMBERED).join(" "));
  localStorage.setItem(poolKey(poolId), "");
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
