/** What became of a page, in the worker's words. */
import type { Assignment, AssignmentStatus } from "@talka/api";

export const STATUSES: Readonly<
  Record<AssignmentStatus, { readonly label: string; readonly color: string }>
> = {
  ACTIVE: { label: "Open", color: "baltic" },
  SUBMITTED: { label: "Under review", color: "yellow" },
  ACCEPTED: { label: "Accepted", color: "green" },
  REJECTED: { label: "Rejected", color: "red" },
  SKIPPED: { label: "Skipped", color: "gray" },
  EXPIRED: { label: "Out of time", color: "gray" },
};

/** When the page came to its present status. */
export function statusDate(assignment: Assignment): string {
  const { submitted, accepted, rejected, skipped, expired, created } = assignment;
  return accepted ?? rejected ?? submitted ?? skipped ?? expired ?? created;
}
