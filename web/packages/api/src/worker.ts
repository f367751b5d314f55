/** The worker API, `/api/worker/v1`. */
import { send } from "./client";
import type { Assignment, Earning, Instructions, Me, Page, Profile, Solution, TaskCard } from "./types";

const ROOT = "/api/worker/v1";

interface Credentials {
  readonly login: string;
  readonly password: string;
}

const post = <T>(path: string, body: unknown = {}, repeatable = false): Promise<T> =>
  send<T>(ROOT + path, { method: "POST", body, repeatable });

export const worker = {
  register: (credentials: Credentials) => post<unknown>("/register", credentials),
  signIn: (credentials: Credentials) => post<unknown>("/login", credentials),
  signOut: () => post<unknown>("/logout"),
  me: () => send<Me>(`${ROOT}/me`),
  saveProfile: (profile: Profile) => send<unknown>(`${ROOT}/me`, { method: "PATCH", body: { profile } }),
  cards: () => send<Page<TaskCard>>(`${ROOT}/task-list`),
  /** Those of a pool, which may have its own, or of the project as it is now. */
  instructions: (projectId: string, poolId?: string) =>
    send<Instructions>(`${ROOT}/projects/${projectId}/instructions`, {
      query: poolId === undefined ? {} : { pool_id: poolId },
    }),
  /** A take whose answer is lost is continued by its TOO_MANY_ACTIVE_ASSIGNMENTS, so it may be sent again. */
  take: (poolId: string) => post<Assignment>(`/pools/${poolId}/assignments`, {}, true),
  assignment: (id: string) => send<Assignment>(`${ROOT}/assignments/${id}`),
  assignments: (status: string, limit: number) =>
    send<Page<Assignment>>(`${ROOT}/assignments`, { query: { status, limit, sort: "-id" } }),
  /** The same solutions sent again after a lost answer change nothing. */
  submit: (id: string, solutions: readonly Solution[]) =>
    post<Assignment>(`/assignments/${id}/submit`, { solutions }, true),
  skip: (id: string) => post<unknown>(`/assignments/${id}/skip`),
  exit: (id: string) => post<unknown>(`/assignments/${id}/exit`),
  earnings: (limit: number) => send<Page<Earning>>(`${ROOT}/earnings`, { query: { limit } }),
};
