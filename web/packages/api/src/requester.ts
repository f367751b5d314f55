/** What the requester app reads, with the session cookie. */
import { send } from "./client";
import type { Page, Pool, PoolSummary, Project, RequesterSession } from "./types";

const SESSION = "/api/requester/v1/session";

export const requester = {
  session: () => send<RequesterSession>(SESSION),
  signIn: (apiKey: string) => send<unknown>(SESSION, { method: "POST", body: { api_key: apiKey } }),
  signOut: () => send<unknown>(SESSION, { method: "DELETE" }),
  projects: (limit: number) =>
    send<Page<Project>>("/api/v1/projects", { query: { limit, sort: "-created" } }),
  project: (id: string) => send<Project>(`/api/v1/projects/${id}`),
  pools: (projectId: string, limit: number) =>
    send<Page<Pool>>("/api/v1/pools", { query: { project_id: projectId, limit, sort: "-created" } }),
  pool: (id: string) => send<Pool>(`/api/v1/pools/${id}`),
  summary: (poolId: string) => send<PoolSummary>(`/api/requester/v1/pools/${poolId}/summary`),
};

/** Where the answers of a pool are downloaded as tab-separated text. */
export const resultsAddress = (poolId: string): string =>
  `/api/new/requester/pools/${poolId}/assignments.tsv?status=APPROVED,SUBMITTED,REJECTED`;
