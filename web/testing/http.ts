/** Stands in for the network: answers `fetch` by method and path, and keeps what was sent. */
import { vi } from "vitest";

export interface Sent {
  readonly call: string;
  readonly body: unknown;
}

type Answer = readonly [status: number, body: unknown];
type Answers = Readonly<Record<string, (body: unknown, query: URLSearchParams) => Answer | Promise<Answer>>>;

/** Paths are those below `/api/worker/v1`, without their query: `"POST /pools/1/assignments"`. */
export function answerWith(answers: Answers): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    const [path = "", query] = address.replace("/api/worker/v1", "").split("?");
    const call = `${init.method ?? "GET"} ${path}`;
    const body: unknown = init.body === undefined ? undefined : JSON.parse(String(init.body));
    sent.push({ call, body });
    const answer = answers[call];
    const [status, content] = answer
      ? await answer(body, new URLSearchParams(query))
      : [404, { code: "NOT_FOUND", message: call }];
    return new Response(JSON.stringify(content), { status });
  });
  return sent;
}
