import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { ViewProps } from "../../component";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

/** The parser and the sanitiser are loaded with the first markdown that is shown. */
const Markdown = lazy(() => import("./markdown"));

export function View({ props }: ViewProps<PropsOf<typeof spec.props>>) {
  return (
    <Suspense fallback={<Skeleton height={22} width="60%" />}>
      <Markdown content={props.content} />
    </Suspense>
  );
}
