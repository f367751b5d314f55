import { cx } from "@talka/ui";
import type { CSSProperties } from "react";
import type { ViewProps } from "../../component";
import { Slot } from "../../slot";
import type { PropsOf } from "../../spec";
import classes from "./columns.module.css";
import type { spec } from "./spec";

const ALIGNMENT = { stretch: "stretch", top: "flex-start", middle: "center", bottom: "flex-end" };

export function View({ props }: ViewProps<PropsOf<typeof spec.props>>) {
  const { items, ratio, minWidth, fullHeight, verticalAlign } = props;
  return (
    <div className={classes.columns} style={{ alignItems: ALIGNMENT[verticalAlign] }}>
      {items.map((handle, index) => {
        const share = ratio.length > 0 ? ratio[index % ratio.length] : 1;
        const sizes = { "--share": share, "--least": `${minWidth}px` } as CSSProperties;
        return (
          <div
            key={handle.node.path}
            className={cx(classes.column, fullHeight && classes.tall)}
            style={sizes}
          >
            <Slot handle={handle} />
          </div>
        );
      })}
    </div>
  );
}
