/** Signing in with an API key; shown at whatever address one came to, which then goes on. */
import { Button, Code, Container, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { isApiError, requester } from "@talka/api";
import { Brand } from "@talka/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

export function SignInPage() {
  const queries = useQueryClient();
  const [apiKey, setApiKey] = useState("");
  const [empty, setEmpty] = useState(false);
  const signIn = useMutation({
    mutationFn: () => requester.signIn(apiKey.trim()),
    onSuccess: () => queries.invalidateQueries(),
  });
  const unreachable = isApiError(signIn.error) && (signIn.error.status === 0 || signIn.error.status >= 500);
  const refusal = unreachable ? signIn.error?.message : "This key is not known. Copy it whole and try again.";
  return (
    <Container size={480} pt="12vh">
      <Stack gap="lg">
        <Brand suffix="for requesters" />
        <Paper p="lg" radius="lg" bg="var(--talka-surface)">
          <form
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              setEmpty(apiKey.trim() === "");
              if (apiKey.trim() !== "") signIn.mutate();
            }}
          >
            <Stack>
              <Title order={1}>Sign in</Title>
              <Text c="dimmed">
                The key of the owner account is in <Code>credentials.json</Code> in the data folder of the
                server.
              </Text>
              <PasswordInput
                label="API key"
                autoComplete="off"
                value={apiKey}
                error={empty ? "Enter your API key" : signIn.error && refusal}
                visibilityToggleButtonProps={{ "aria-label": "Show what is typed" }}
                onChange={(event) => {
                  setApiKey(event.currentTarget.value);
                  setEmpty(false);
                  signIn.reset();
                }}
              />
              <Button type="submit" loading={signIn.isPending} fullWidth size="md">
                Sign in
              </Button>
            </Stack>
          </form>
        </Paper>
      </Stack>
    </Container>
  );
}
