/** The frame of every page but the task page: where one is, where one can go, what one has earned. */
import { ActionIcon, Group, Tooltip } from "@mantine/core";
import { IconClipboardList, IconHistory, IconLogout, IconUser, IconWallet } from "@tabler/icons-react";
import type { Me } from "@talka/api";
import { Brand, ColorSchemeButton, formatMoney, RowsSkeleton } from "@talka/ui";
import { type ReactNode, Suspense } from "react";
import { Link, useLocation } from "wouter";
import { useSignOut } from "../session";
import classes from "./shell.module.css";

const LINKS = [
  { to: "/tasks", label: "Tasks", icon: IconClipboardList },
  { to: "/history", label: "History", icon: IconHistory },
  { to: "/earnings", label: "Earnings", icon: IconWallet },
  { to: "/profile", label: "Profile", icon: IconUser },
];

export function Shell({ me, children }: { me: Me; children: ReactNode }) {
  const [location] = useLocation();
  return (
    <>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link href="/tasks" className={classes.brand} aria-label="Talka, to the tasks">
            <Brand />
          </Link>
          <nav className={classes.links} aria-label="Pages">
            {LINKS.map(({ to, label, icon: Icon }) => (
              <Link
                key={to}
                href={to}
                className={classes.link}
                aria-current={location.startsWith(to) ? "page" : undefined}
              >
                <Icon size={18} stroke={1.7} aria-hidden />
                {label}
              </Link>
            ))}
          </nav>
          <Account me={me} />
        </div>
      </header>
      <main className={classes.main}>
        <Suspense fallback={<RowsSkeleton />}>{children}</Suspense>
      </main>
    </>
  );
}

function Account({ me }: { me: Me }) {
  const signOut = useSignOut();
  const { available, on_review } = me.balance;
  return (
    <Group gap="xs" wrap="nowrap" className={classes.end}>
      <Tooltip label={`${formatMoney(on_review)} more is under review`}>
        <Link
          href="/earnings"
          className={classes.link}
          data-testid="balance"
          style={{ flexDirection: "row", fontSize: 14 }}
        >
          <span className="talka-numbers">{formatMoney(available)}</span>
        </Link>
      </Tooltip>
      <ColorSchemeButton />
      <Tooltip label={`Sign out ${me.login}`}>
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
  );
}

export function Centered({ children }: { children: ReactNode }) {
  return <main className={classes.centered}>{children}</main>;
}
