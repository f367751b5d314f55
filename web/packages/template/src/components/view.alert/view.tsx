import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from "@tabler/icons-react";
import type { ViewProps } from "../../component";
import { Slot } from "../../slot";
import type { PropsOf } from "../../spec";
import type { spec } from "./spec";

const THEMES = {
  info: { color: "blue", icon: IconInfoCircle },
  success: { color: "green", icon: IconCircleCheck },
  warning: { color: "yellow", icon: IconAlertTriangle },
  danger: { color: "red", icon: IconCircleX },
};

export function View({ props }: ViewProps<PropsOf<typeof spec.props>>) {
  const { color, icon: Icon } = THEMES[props.theme];
  return (
    <Alert color={color} variant="light" icon={<Icon aria-hidden />} role="note">
      <Slot handle={props.content} />
    </Alert>
  );
}
