/** The numbers of a pool, live while it is open. */
import { type Pool, requester } from "@talka/api";
import { useQuery } from "@tanstack/react-query";

export const LIVE_MS = 2_000;

export function useSummary(pool: Pool) {
  return useQuery({
    queryKey: ["summary", pool.id, pool.status],
    queryFn: () => requester.summary(pool.id),
    refetchInterval: pool.status === "OPEN" ? LIVE_MS : false,
    placeholderData: (before) => before,
  });
}
