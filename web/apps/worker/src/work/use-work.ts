/** The course of work on one card: take a page, answer it, send it, take the next, until there is none. */
import { type Assignment, isApiError, type Solution, solutionErrors, worker } from "@talka/api";
import type { TaskAlert } from "@talka/template";
import { formatMoney, showToast } from "@talka/ui";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { learnClock } from "./clock";
import { dropDrafts } from "./drafts";
import { type Ending, endingOf, isNoMore } from "./endings";

export type WorkState =
  | { readonly stage: "opening" }
  | {
      readonly stage: "working";
      readonly assignment: Assignment;
      readonly alerts: Alerts;
      readonly problem?: string;
    }
  | { readonly stage: "ended"; readonly ending: Ending };

export type Alerts = Readonly<Record<string, TaskAlert>>;

export interface Door {
  readonly kind: "pool" | "assignment";
  readonly id: string;
}

const FINISHED: readonly string[] = ["SUBMITTED", "ACCEPTED", "REJECTED"];

function sentMessage({ status, reward }: Assignment): string {
  if (reward === 0) return "Sent";
  return status === "ACCEPTED"
    ? `Sent. ${formatMoney(reward)} earned`
    : `Sent. ${formatMoney(reward)} under review`;
}

function hintAlerts(hints: Readonly<Record<string, string>>): Alerts {
  const entries = Object.entries(hints).map(([id, hint]) => [
    id,
    { title: "Not quite right, try again", messages: [hint] },
  ]);
  return Object.fromEntries(entries) as Alerts;
}

function serverAlerts(assignment: Assignment, error: unknown): Alerts {
  const entries = [...solutionErrors(error)].flatMap(([index, messages]) => {
    const id = assignment.tasks[index]?.id;
    return id === undefined ? [] : [[id, { title: "This answer was not accepted", messages }]];
  });
  return Object.fromEntries(entries) as Alerts;
}

export function useWork(projectId: string, door: Door) {
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [state, setState] = useState<WorkState>({ stage: "opening" });
  const [busy, setBusy] = useState(false);
  const running = useRef(false);

  /** Runs one step at a time: a second click while one runs does nothing. */
  const step = useCallback(async (work: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    try {
      await work();
    } catch (error) {
      setState({ stage: "ended", ending: endingOf(error) });
    } finally {
      running.current = false;
      setBusy(false);
    }
  }, []);

  const show = useCallback(
    (assignment: Assignment) => {
      if (assignment.status !== "ACTIVE") {
        setState({
          stage: "ended",
          ending: FINISHED.includes(assignment.status) ? { kind: "done" } : { kind: "expired" },
        });
        return;
      }
      queries.removeQueries({ queryKey: ["cards"] });
      navigate(`/tasks/${projectId}/assignments/${assignment.id}`, { replace: true });
      setState({ stage: "working", assignment, alerts: {} });
    },
    [navigate, projectId, queries],
  );

  const takeFrom = useCallback(
    async (poolId: string): Promise<void> => {
      try {
        const assignment = await worker.take(poolId);
        learnClock(assignment.created);
        show(assignment);
      } catch (error) {
        const active =
          isApiError(error, "TOO_MANY_ACTIVE_ASSIGNMENTS") && error.payload.active_assignment_ids;
        if (!Array.isArray(active) || typeof active[0] !== "string") throw error;
        show(await worker.assignment(active[0]));
      }
    },
    [show],
  );

  /** The next page: from the same pool, else from another pool of the project that has something. */
  const take = useCallback(
    async (poolId: string): Promise<void> => {
      try {
        await takeFrom(poolId);
      } catch (error) {
        if (!isNoMore(error)) throw error;
        const { items } = await worker.cards();
        const next = items.find(
          (card) => card.project_id === projectId && card.available && card.pool_id !== poolId,
        );
        if (!next) throw error;
        await takeFrom(next.pool_id);
      }
    },
    [takeFrom, projectId],
  );

  const forget = useCallback(
    (assignment: Assignment) => {
      dropDrafts(assignment.id);
      queries.removeQueries({ queryKey: ["cards"] });
      for (const key of ["me", "history", "earnings"]) void queries.invalidateQueries({ queryKey: [key] });
    },
    [queries],
  );

  const next = useCallback(
    async (assignment: Assignment) => {
      forget(assignment);
      await take(assignment.pool_id);
    },
    [forget, take],
  );

  const open = useCallback(
    () => step(async () => (door.kind === "pool" ? take(door.id) : show(await worker.assignment(door.id)))),
    [step, take, show, door],
  );

  const submit = (assignment: Assignment, solutions: readonly Solution[]) =>
    step(async () => {
      try {
        const answer = await worker.submit(assignment.id, solutions);
        if (answer.status === "ACTIVE") {
          setState({ stage: "working", assignment, alerts: hintAlerts(answer.hints ?? {}) });
          return;
        }
        showToast(sentMessage(answer));
      } catch (error) {
        if (isApiError(error, "VALIDATION_ERROR")) {
          const alerts = serverAlerts(assignment, error);
          const problem = Object.keys(alerts).length === 0 ? { problem: error.message } : {};
          setState({ stage: "working", assignment, alerts, ...problem });
          return;
        }
        if (isApiError(error) && (error.status === 0 || error.status >= 500)) {
          setState({
            stage: "working",
            assignment,
            alerts: {},
            problem: `Not sent: ${error.message} Your answers are kept.`,
          });
          return;
        }
        if (!isApiError(error, "INAPPROPRIATE_STATUS")) throw error;
        const current = await worker.assignment(assignment.id);
        if (!FINISHED.includes(current.status)) {
          show(current);
          return;
        }
      }
      await next(assignment);
    });

  const skip = (assignment: Assignment) =>
    step(async () => {
      await worker.skip(assignment.id).catch((error: unknown) => {
        if (!isApiError(error, "INAPPROPRIATE_STATUS")) throw error;
      });
      await next(assignment);
    });

  /** Gives the page back: somebody else gets it at once. */
  const giveBack = (assignment: Assignment) =>
    step(async () => {
      await worker.exit(assignment.id).catch((error: unknown) => {
        if (!isApiError(error, "INAPPROPRIATE_STATUS")) throw error;
      });
      forget(assignment);
      navigate("/tasks");
    });

  /** The time seems to be up: what the server says counts. */
  const checkExpiry = useCallback(
    async (assignment: Assignment) => {
      const current = await worker.assignment(assignment.id).catch(() => undefined);
      if (!current || current.status === "ACTIVE" || running.current) return;
      show(current);
    },
    [show],
  );

  return {
    state,
    busy,
    open,
    submit,
    skip,
    giveBack,
    checkExpiry,
    takeAgain: (poolId: string) => step(() => take(poolId)),
  };
}

/** Runs once when it first may, also where React mounts everything twice. */
export function useOnce(ready: boolean, run: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (!ready || done.current) return;
    done.current = true;
    run();
  }, [ready, run]);
}
