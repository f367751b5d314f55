/** The frame of every requester page: who one is, what is left to spend, where one is. */
import { ActionIcon, Anchor, Breadcrumbs, Group, Text, Tooltip } from "@mantine/core";
import { IconLogout } from "@tabler/icons-react";
import type { RequesterSession } from "@talka/api";
import { Brand, ColorSchemeButton, formatMoney } from "@talka/ui";
import type { ReactNode } from "react";
import { Link } from "wouter";
import classes from "./requester.module.css";
import { useSignOut } from "./session";

export function Shell({ session, children }: { session: RequesterSession; children: ReactNode }) {
  const signOut = useSignOut();
  return (
    <>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link
            href="/requester/projects"
            className={classes.brand}
            aria-label="Talka for requesters, to the projects"
          >
            <Brand suffix="for requesters" />
          </Link>
          <Group gap="xs" wrap="nowrap">
            <Text className={`${classes.wide} talka-numbers`} c="dimmed" data-testid="balance">
              {[nameIn(session.public_name), `${formatMoney(session.balance)} left`]
                .filter(Boolean)
                .join(" · ")}
            </Text>
            <ColorSchemeButton />
            <Tooltip label="Sign out">
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label="Sign out"
                onClick={() => signOut.mutate()}
              >
                <IconLogout size={18} />
              </ActionIcon>
            </Tooltip>
          </Group>
        </div>
      </header>
      <main className={classes.main}>{children}</main>
    </>
  );
}

/** The name in English, else in whatever language it is given. */
function nameIn(name: RequesterSession["public_name"]): string {
  return typeof name === "string" ? name : (name.EN ?? Object.values(name)[0] ?? "");
}

interface Crumb {
  readonly label: string;
  readonly to?: string;
}

export function Crumbs({ path }: { path: readonly Crumb[] }) {
  return (
    <nav aria-label="Where you are">
      <Breadcrumbs separatorMargin={6}>
        {path.map(({ label, to }) =>
          to === undefined ? (
            <Text key={label} c="dimmed" aria-current="page">
              {label}
            </Text>
          ) : (
            <Anchor key={to} component={Link} href={to}>
              {label}
            </Anchor>
          ),
        )}
      </Breadcrumbs>
    </nav>
  );
}
