import { Skeleton } from "@mantine/core";
import { type ComponentType, lazy, Suspense } from "react";
import type { ViewProps } from "../../component";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

type Markdown = ComponentType<{ content: string }>;

let loaded: Markdown | undefined;

/** The parser and the sanitiser are loaded with the first page whose template shows markdown. */
export async function load(): Promise<void> {
  loaded = (await import("./markdown")).default;
}

const Late = lazy(() => import("./markdown"));

export function View({ props }: ViewProps<PropsOf<typeof spec.props>>) {
  const Shown = loaded ?? Late;
  return (
    <Suspense fallback={<Skeleton height={22} width="60%" />}>
      <Shown content={props.content} />
    </Suspense>
  );
}
