/** The worker's profile, which decides which tasks are open. */
import {
  Alert,
  Button,
  Group,
  MultiSelect,
  NativeSelect,
  Paper,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { fieldErrors, type Me, type Profile, worker } from "@talka/api";
import { QueryState, showToast } from "@talka/ui";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useMe } from "../session";
import { countries, languages } from "./codes";

const NOT_SAID = { value: "", label: "Not said" };
const GENDERS = [
  NOT_SAID,
  { value: "FEMALE", label: "Female" },
  { value: "MALE", label: "Male" },
  { value: "OTHER", label: "Other" },
];
const EDUCATIONS = [
  NOT_SAID,
  { value: "BASIC", label: "Basic" },
  { value: "MIDDLE", label: "Secondary" },
  { value: "HIGH", label: "Higher" },
];

export default function ProfilePage() {
  const me = useMe();
  return (
    <Stack gap="lg" maw={640}>
      <div>
        <Title order={1}>Profile</Title>
        <Text c="dimmed">Requesters choose workers by some of these facts. All of them are optional.</Text>
      </div>
      <QueryState query={me}>{(data) => (data ? <ProfileForm me={data} /> : null)}</QueryState>
    </Stack>
  );
}

function ProfileForm({ me }: { me: Me }) {
  const queries = useQueryClient();
  const [profile, setProfile] = useState<Profile>(me.profile ?? {});
  const save = useMutation({
    mutationFn: () => worker.saveProfile(profile),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["me"] });
      void queries.invalidateQueries({ queryKey: ["cards"] });
      showToast("Profile saved");
    },
  });
  const problems = fieldErrors(save.error);
  const problemOf = (name: keyof Profile) => problems[`profile.${name}`];
  const change = (patch: Partial<Profile>) => {
    setProfile((before) => ({ ...before, ...patch }));
    save.reset();
  };
  const text = (name: "first_name" | "last_name" | "date_of_birth") => ({
    value: profile[name] ?? "",
    error: problemOf(name),
    onChange: (event: { currentTarget: { value: string } }) =>
      change({ [name]: event.currentTarget.value || null }),
  });
  const select = (name: "gender" | "country" | "education") => ({
    value: profile[name] ?? "",
    error: problemOf(name),
    onChange: (event: { currentTarget: { value: string } }) =>
      change({ [name]: event.currentTarget.value || null }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Paper p="lg" radius="lg" bg="var(--talka-surface)">
        <Stack>
          <TextInput label="Login" value={me.login} readOnly tabIndex={-1} variant="unstyled" />
          <SimpleGrid cols={{ base: 1, xs: 2 }}>
            <TextInput label="First name" autoComplete="given-name" {...text("first_name")} />
            <TextInput label="Last name" autoComplete="family-name" {...text("last_name")} />
            <TextInput label="Date of birth" type="date" autoComplete="bday" {...text("date_of_birth")} />
            <NativeSelect label="Gender" data={GENDERS} {...select("gender")} />
            <NativeSelect label="Country" data={[NOT_SAID, ...countries]} {...select("country")} />
            <NativeSelect label="Education" data={EDUCATIONS} {...select("education")} />
          </SimpleGrid>
          <MultiSelect
            label="Languages"
            description="Tasks in other languages stay closed to you"
            data={languages}
            searchable
            value={[...(profile.languages ?? [])]}
            error={problemOf("languages")}
            onChange={(value) => change({ languages: value })}
          />
          <Switch
            label="I agree to do tasks that contain adult content"
            checked={profile.adult_allowed === true}
            onChange={(event) => change({ adult_allowed: event.currentTarget.checked })}
          />
          {save.error && Object.keys(problems).length === 0 && (
            <Alert color="red">{save.error.message}</Alert>
          )}
          <Group>
            <Button type="submit" loading={save.isPending}>
              Save profile
            </Button>
          </Group>
        </Stack>
      </Paper>
    </form>
  );
}
