/** The name of a project, which assignments do not carry. */
import { useInstructions } from "../work/instructions";

/** The project's public name; undefined while it loads, "A task" when it is no longer open to the worker. */
export function useProjectName(projectId: string): string | undefined {
  const { data, isError } = useInstructions(projectId);
  return data?.public_name ?? (isError ? "A task" : undefined);
}
