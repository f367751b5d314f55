/** Calls the HTTP API with the session cookie; every failure is an ApiError. */
import type { ErrorBody } from "./types";

const RETRY_DELAYS_MS = [300, 1000];

/** What the server, or its absence, answered. `status` is 0 when there was no answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: ErrorBody,
  ) {
    super(body.message || "Something went wrong");
  }

  get code(): string {
    return this.body.code;
  }

  get payload(): Readonly<Record<string, unknown>> {
    return this.body.payload ?? {};
  }
}

/** Whether a failure is an API error, optionally one of these codes. */
export function isApiError(error: unknown, ...codes: readonly string[]): error is ApiError {
  return error instanceof ApiError && (codes.length === 0 || codes.includes(error.code));
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";
type Query = Readonly<Record<string, string | number | undefined>>;

interface Call {
  readonly method?: Method;
  readonly query?: Query;
  readonly body?: unknown;
  /** The call may be sent again when its answer is lost: reading always may. */
  readonly repeatable?: boolean;
}

const NO_ANSWER: ErrorBody = {
  code: "NO_CONNECTION",
  message: "The server cannot be reached. Check the connection and try again.",
};

function addressOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined);
  const known = typeof body === "object" && body !== null && "code" in body;
  const fallback = { code: `HTTP_${response.status}`, message: `The server answered ${response.status}` };
  return new ApiError(response.status, known ? (body as ErrorBody) : fallback);
}

async function once<T>(path: string, { method = "GET", query, body }: Call): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { ...init.headers, "Content-Type": "application/json" };
  }
  const response = await fetch(addressOf(path, query), init).catch(() => {
    throw new ApiError(0, NO_ANSWER);
  });
  if (!response.ok) throw await errorOf(response);
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Sends one call; repeatable ones are tried again after a lost answer or an overloaded server. */
export async function send<T>(path: string, call: Call = {}): Promise<T> {
  const repeatable = call.repeatable ?? (call.method ?? "GET") === "GET";
  for (const delay of repeatable ? RETRY_DELAYS_MS : []) {
    try {
      return await once<T>(path, call);
    } catch (error) {
      const lost = error instanceof ApiError && (error.status === 0 || error.status >= 502);
      if (!lost) throw error;
      await pause(delay);
    }
  }
  return once<T>(path, call);
}
