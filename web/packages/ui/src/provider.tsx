/** Wraps an app in the theme, its style sheets and the place where toasts appear. */
import "@mantine/core/styles.css";
import "./base.css";
import { MantineProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { Crash } from "./crash";
import { cssVariables, theme } from "./theme";
import { Toasts } from "./toasts";

export function TalkaProvider({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Crash>{children}</Crash>
      <Toasts />
    </MantineProvider>
  );
}
