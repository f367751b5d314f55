/** Draws part of an app with what it needs around it: theme, queries, an address that is not the browser's. */
import { TalkaProvider } from "@talka/ui";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { Router } from "wouter";
import { memoryLocation } from "wouter/memory-location";

export function renderAt(path: string, content: ReactNode) {
  const { hook, searchHook, history } = memoryLocation({ path, record: true });
  render(
    <TalkaProvider>
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <Router hook={hook} searchHook={searchHook}>
          {content}
        </Router>
      </QueryClientProvider>
    </TalkaProvider>,
  );
  return { user: userEvent.setup(), at: () => history.at(-1) };
}
