/** The last resort: when a page fails as a whole it says so and offers to load it again. */
import { Button } from "@mantine/core";
import { IconBug } from "@tabler/icons-react";
import { Component, type ReactNode } from "react";
import { EmptyState } from "./empty-state";

export class Crash extends Component<{ children: ReactNode }, { error?: Error }> {
  override state: { error?: Error } = {};

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <EmptyState
        icon={IconBug}
        title="This page broke"
        action={<Button onClick={() => window.location.reload()}>Load it again</Button>}
      >
        {`Answers that were not sent are kept in this browser. (${error.message})`}
      </EmptyState>
    );
  }
}
