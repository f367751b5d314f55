import type { ViewProps } from "../../component";
import { Slot } from "../../slot";
import type { PropsOf } from "../../spec";
import classes from "./group.module.css";
import type { spec } from "./spec";

export function View({ props, control }: ViewProps<PropsOf<typeof spec.props>>) {
  return (
    <section className={classes.group} aria-labelledby={control["aria-labelledby"]}>
      <Slot handle={props.content} />
    </section>
  );
}
