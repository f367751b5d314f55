/** The state of a project or pool as a coloured word. */
import { Badge } from "@mantine/core";
import type { PoolStatus, Project } from "@talka/api";

const STATUSES: Readonly<
  Record<PoolStatus | Project["status"], { readonly label: string; readonly color: string }>
> = {
  OPEN: { label: "Open", color: "green" },
  CLOSED: { label: "Closed", color: "gray" },
  ARCHIVED: { label: "Archived", color: "gray" },
  LOCKED: { label: "Busy", color: "yellow" },
  ACTIVE: { label: "Active", color: "green" },
};

export function StatusBadge({ status }: { status: PoolStatus | Project["status"] }) {
  const { label, color } = STATUSES[status];
  return (
    <Badge variant={status === "ARCHIVED" ? "outline" : "light"} color={color} data-testid="status">
      {label}
    </Badge>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  MANUAL: "Closed by you",
  EXPIRED: "Closed because its end date passed",
  COMPLETED: "Closed because every task is done",
  NOT_ENOUGH_BALANCE: "Closed because the balance does not pay the next page: add money, then open it again",
  ASSIGNMENTS_LIMIT_EXCEEDED: "Closed because it reached the limit of pages in one pool",
  BLOCKED: "Closed by the operator",
  FOR_UPDATE: "Closed for an update; it opens again by itself within 15 minutes",
};

/** Why a pool is not open, in words. */
export function closeReason(reason: string | undefined): string {
  return reason === undefined ? "Not opened yet" : (REASONS[reason] ?? reason);
}
