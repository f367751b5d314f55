import type { ViewProps } from "../../component";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

export function View({ props }: ViewProps<PropsOf<typeof spec.props>>) {
  return (
    <div dir={props.rtl} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
      {props.content}
    </div>
  );
}
