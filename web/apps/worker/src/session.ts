/** Who is signed in. */
import { isApiError, type Me, worker } from "@talka/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** The worker, null when nobody is signed in. */
export function useMe() {
  return useQuery({
    queryKey: ["me"],
    queryFn: (): Promise<Me | null> =>
      worker.me().catch((error: unknown) => {
        if (isApiError(error) && error.status === 401) return null;
        throw error;
      }),
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: worker.signOut,
    onSettled: () => {
      queries.setQueryData(["me"], null);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
    },
  });
}
