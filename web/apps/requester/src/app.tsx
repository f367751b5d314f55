/** The requester app: sign-in by API key, then projects and pools to read. */
import { Container } from "@mantine/core";
import { isApiError } from "@talka/api";
import { LoadError, RowsSkeleton, TalkaProvider } from "@talka/ui";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { PoolPage } from "./pool-page";
import { ProjectPage } from "./project-page";
import { ProjectsPage } from "./projects-page";
import { useSession } from "./session";
import { Shell } from "./shell";
import { SignInPage } from "./sign-in-page";
import { SkillPage } from "./skill-page";

/** An answer of 401 to anything means that nobody is signed in any more. */
function createQueries(): QueryClient {
  const queries: QueryClient = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: 2_000 } },
    queryCache: new QueryCache({
      onError: (error) => {
        if (isApiError(error) && error.status === 401) queries.setQueryData(["session"], null);
      },
    }),
  });
  return queries;
}

export function App() {
  const [queries] = useState(createQueries);
  return (
    <TalkaProvider>
      <QueryClientProvider client={queries}>
        <Pages />
      </QueryClientProvider>
    </TalkaProvider>
  );
}

function Pages() {
  const session = useSession();
  if (session.data === null) return <SignInPage />;
  if (session.data === undefined) {
    return (
      <Container size="md" py="xl">
        {session.error ? <LoadError error={session.error} retry={session.refetch} /> : <RowsSkeleton />}
      </Container>
    );
  }
  return (
    <Shell session={session.data}>
      <Switch>
        <Route path="/requester/projects" component={ProjectsPage} />
        <Route path="/requester/project/:id">{({ id }) => <ProjectPage id={id} />}</Route>
        <Route path="/requester/project/:projectId/:kind/:id">
          {({ projectId, id }) => <PoolPage projectId={projectId} id={id} />}
        </Route>
        <Route path="/requester/quality/skill/:id">{({ id }) => <SkillPage id={id} />}</Route>
        <Route>
          <Redirect to="/requester/projects" replace />
        </Route>
      </Switch>
    </Shell>
  );
}
