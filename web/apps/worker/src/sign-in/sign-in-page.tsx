/** Signing in and registering; shown at whatever address one came to, which then goes on. */
import { Alert, Anchor, Button, Paper, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { fieldErrors, isApiError, worker } from "@talka/api";
import { Brand } from "@talka/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useState } from "react";
import { Centered } from "../shell/shell";

type Mode = "sign-in" | "register";

interface Problems {
  readonly login?: string | undefined;
  readonly password?: string | undefined;
  readonly form?: string | undefined;
}

const TEXTS = {
  "sign-in": { title: "Sign in", button: "Sign in", question: "New here?", other: "Create an account" },
  register: {
    title: "Create an account",
    button: "Create account",
    question: "Have an account?",
    other: "Sign in instead",
  },
};

const LEAST_PASSWORD = 8;

function problemsOf(error: unknown, mode: Mode): Problems {
  if (error === null) return {};
  const { login, password } = fieldErrors(error);
  if (login !== undefined || password !== undefined) return { login, password };
  if (isApiError(error)) {
    if (error.status === 0 || error.status >= 500) return { form: error.message };
    if (mode === "register" && error.status === 409)
      return { login: "This login is taken. Choose another one." };
    if (mode === "register" && error.status === 403)
      return { form: "Registration is closed. Ask the operator for an account." };
    if (mode === "sign-in")
      return { password: "This login and password do not belong together. Check both." };
  }
  return { form: error instanceof Error ? error.message : "Something went wrong. Try again." };
}

function missing(mode: Mode, login: string, password: string): Problems {
  return {
    login: login === "" ? "Enter your login" : undefined,
    password:
      password === ""
        ? "Enter your password"
        : mode === "register" && password.length < LEAST_PASSWORD
          ? `Use at least ${LEAST_PASSWORD} characters`
          : undefined,
  };
}

export function SignInPage() {
  const queries = useQueryClient();
  const [mode, setMode] = useState<Mode>("sign-in");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [local, setLocal] = useState<Problems>({});
  const enter = useMutation({
    mutationFn: async () => {
      const credentials = { login: login.trim(), password };
      await (mode === "register" ? worker.register(credentials) : worker.signIn(credentials));
    },
    onSuccess: () => queries.invalidateQueries(),
  });
  const problems = { ...problemsOf(enter.error, mode), ...local };
  const texts = TEXTS[mode];

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (enter.isPending) return;
    const found = missing(mode, login.trim(), password);
    setLocal(found.login || found.password ? found : {});
    if (!found.login && !found.password) enter.mutate();
  };
  const change = (set: (value: string) => void) => (value: string) => {
    set(value);
    setLocal({});
    enter.reset();
  };

  return (
    <Centered>
      <Stack gap="lg">
        <Brand />
        <Paper p="lg" radius="lg" bg="var(--talka-surface)">
          <form onSubmit={submit} noValidate>
            <Stack>
              <Title order={1}>{texts.title}</Title>
              <Text c="dimmed">
                Small tasks, paid by the page. Do as many as you like, whenever you like.
              </Text>
              {problems.form && <Alert color="red">{problems.form}</Alert>}
              <TextInput
                label="Login"
                name="login"
                autoComplete="username"
                autoCapitalize="none"
                spellCheck={false}
                value={login}
                error={problems.login}
                onChange={(event) => change(setLogin)(event.currentTarget.value)}
              />
              <PasswordInput
                label="Password"
                name="password"
                autoComplete={mode === "register" ? "new-password" : "current-password"}
                description={mode === "register" ? `At least ${LEAST_PASSWORD} characters` : undefined}
                value={password}
                error={problems.password}
                visibilityToggleButtonProps={{ "aria-label": "Show what is typed" }}
                onChange={(event) => change(setPassword)(event.currentTarget.value)}
              />
              <Button type="submit" loading={enter.isPending} fullWidth size="md">
                {texts.button}
              </Button>
              <Text c="dimmed">
                {texts.question}{" "}
                <Anchor
                  component="button"
                  type="button"
                  inherit
                  onClick={() => {
                    setMode(mode === "register" ? "sign-in" : "register");
                    setLocal({});
                    enter.reset();
                  }}
                >
                  {texts.other}
                </Anchor>
              </Text>
            </Stack>
          </form>
        </Paper>
      </Stack>
    </Centered>
  );
}
