/** Which requester is signed in. */
import { isApiError, type RequesterSession, requester } from "@talka/api";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

/** The requester, null when nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: (): Promise<RequesterSession | null> =>
      requester.session().catch((error: unknown) => {
        if (isApiError(error) && error.status === 401) return null;
        throw error;
      }),
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: requester.signOut,
    onSettled: () => {
      queries.setQueryData(["session"], null);
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
    },
  });
}
