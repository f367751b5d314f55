import { cx } from "@talka/ui";
import type { ViewProps } from "../../component";
import { Slots } from "../../slot";
import type { PropsOf } from "../../spec";
import classes from "./list.module.css";
import type { spec } from "./spec";

export function View({ props }: ViewProps<PropsOf<typeof spec.props>>) {
  const { direction, size, rtl, items } = props;
  const names = cx(
    classes.list,
    size === "s" && classes.small,
    direction === "horizontal" && classes.horizontal,
  );
  return (
    <div className={names} dir={rtl}>
      <Slots handles={items} />
    </div>
  );
}
