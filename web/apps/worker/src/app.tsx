/** The worker app: who is signed in decides between the sign-in page and the pages below. */
import { isApiError } from "@talka/api";
import { LoadError, RowsSkeleton, TalkaProvider } from "@talka/ui";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, useState } from "react";
import { Redirect, Route, Switch } from "wouter";
import { useMe } from "./session";
import { Centered, Shell } from "./shell/shell";
import { SignInPage } from "./sign-in/sign-in-page";
import { TasksPage } from "./tasks/tasks-page";
import { WorkPage } from "./work/work-page";

const HistoryPage = lazy(() => import("./history/history-page"));
const AnswersPage = lazy(() => import("./history/answers-page"));
const EarningsPage = lazy(() => import("./earnings/earnings-page"));
const ProfilePage = lazy(() => import("./profile/profile-page"));

/** An answer of 401 to anything means that nobody is signed in any more. */
function createQueries(): QueryClient {
  const queries: QueryClient = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: 5_000 } },
    queryCache: new QueryCache({
      onError: (error) => {
        if (isApiError(error) && error.status === 401) queries.setQueryData(["me"], null);
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
  const me = useMe();
  if (me.error) {
    return (
      <Centered>
        <LoadError error={me.error} retry={me.refetch} />
      </Centered>
    );
  }
  if (me.data === undefined) {
    return (
      <Centered>
        <RowsSkeleton />
      </Centered>
    );
  }
  if (me.data === null) return <SignInPage />;
  return (
    <Switch>
      <Route path="/tasks/:projectId/:door/:id">
        {(params) => <WorkPage projectId={params.projectId} door={params.door} id={params.id} />}
      </Route>
      <Route>
        <Shell me={me.data}>
          <Switch>
            <Route path="/tasks" component={TasksPage} />
            <Route path="/history" component={HistoryPage} />
            <Route path="/history/:id">{({ id }) => <AnswersPage id={id} />}</Route>
            <Route path="/earnings" component={EarningsPage} />
            <Route path="/profile" component={ProfilePage} />
            <Route>
              <Redirect to="/tasks" replace />
            </Route>
          </Switch>
        </Shell>
      </Route>
    </Switch>
  );
}
