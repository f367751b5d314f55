/** The field errors in a VALIDATION_ERROR's payload, as the forms and the task page show them. */
import { isApiError } from "./client";

const MESSAGES: Readonly<Record<string, string>> = {
  VALUE_REQUIRED: "Fill this in",
  VALUE_NOT_ALLOWED: "This value is not allowed",
  VALUE_OUT_OF_BOUNDS: "This is too short, too long or out of range",
};

/** Messages by the payload's dotted keys, e.g. `solutions.0.output_values.label`. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  if (!isApiError(error, "VALIDATION_ERROR")) return {};
  return Object.fromEntries(Object.entries(error.payload).map(([key, detail]) => [key, messageOf(detail)]));
}

function messageOf(detail: unknown): string {
  if (typeof detail === "string") return detail;
  if (typeof detail !== "object" || detail === null) return "This is not right";
  const { code, message } = detail as { code?: unknown; message?: unknown };
  if (typeof message === "string" && message !== "") return message;
  return MESSAGES[String(code)] ?? String(code);
}

/** Messages by the index of the solution they are about, each led by its field's name. */
export function solutionErrors(error: unknown): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const [key, message] of Object.entries(fieldErrors(error))) {
    const match = /^solutions\.(\d+)(?:\.output_values)?\.?(.*)$/.exec(key);
    if (!match) continue;
    const index = Number(match[1]);
    found.set(index, [...(found.get(index) ?? []), match[2] ? `${match[2]}: ${message}` : message]);
  }
  return found;
}
