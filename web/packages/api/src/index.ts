/** The HTTP API as the web apps use it. */
export { ApiError, isApiError } from "./client";
export { fieldErrors, solutionErrors } from "./field-errors";
export { requester, resultsAddress } from "./requester";
export type * from "./types";
export { worker } from "./worker";
