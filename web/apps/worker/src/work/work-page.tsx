/** The task page: instructions first, then page after page of one card until there is none left. */
import { Skeleton, Stack } from "@mantine/core";
import { useCallback, useState } from "react";
import { EndingPage } from "./endings";
import { InstructionsDialog, isUnread, markRead, useInstructions, wasEverRead } from "./instructions";
import { type Door, useOnce, useWork } from "./use-work";
import classes from "./work.module.css";
import { WorkScreen } from "./work-screen";

interface WorkPageProps {
  projectId: string;
  door: string;
  id: string;
}

export function WorkPage({ projectId, door, id }: WorkPageProps) {
  /** Where this visit came in; the address then follows the page that is worked on. */
  const [entrance] = useState<Door>({ kind: door === "pools" ? "pool" : "assignment", id });
  const [poolId, setPoolId] = useState(entrance.kind === "pool" ? entrance.id : undefined);
  const work = useWork(projectId, entrance);
  const instructions = useInstructions(projectId, poolId, poolId !== undefined);
  const [asked, setAsked] = useState(false);
  const [, rerender] = useState(0);

  const unread = isUnread(projectId, instructions.data);
  const known = instructions.data !== undefined || instructions.isError;
  /** Nobody waits for instructions that were read before; a first page waits, because its time runs from the take. */
  useOnce(entrance.kind === "assignment" || wasEverRead(id) || (known && !unread), work.open);

  const { state } = work;
  if (state.stage === "working" && state.assignment.pool_id !== poolId) setPoolId(state.assignment.pool_id);

  const closeInstructions = useCallback(() => {
    setAsked(false);
    if (poolId === undefined || !isUnread(projectId, instructions.data)) return;
    markRead(projectId, poolId, instructions.data);
    rerender((count) => count + 1);
  }, [projectId, poolId, instructions.data]);

  return (
    <>
      {state.stage === "working" && (
        <WorkScreen
          key={state.assignment.id}
          state={state}
          work={work}
          title={instructions.data?.public_name ?? ""}
          onInstructions={() => setAsked(true)}
        />
      )}
      {state.stage === "opening" && <PageSkeleton />}
      {state.stage === "ended" && (
        <main className={classes.content}>
          <EndingPage
            ending={state.ending}
            projectId={projectId}
            again={() => void (poolId === undefined ? work.open() : work.takeAgain(poolId))}
          />
        </main>
      )}
      <InstructionsDialog
        opened={asked || (unread && state.stage !== "ended")}
        instructions={instructions.data}
        action={state.stage === "opening" ? "Start working" : "Back to the task"}
        onClose={closeInstructions}
      />
    </>
  );
}

function PageSkeleton() {
  return (
    <div className={classes.page} aria-busy="true">
      <div className={classes.top}>
        <div className={classes.row} />
      </div>
      <main className={classes.content}>
        <Stack>
          <Skeleton height={160} radius="lg" />
          <Skeleton height={160} radius="lg" />
        </Stack>
      </main>
    </div>
  );
}
