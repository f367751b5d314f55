/** One card of the task list: what the task is, what it pays, and how to start it or why one cannot. */
import { Badge, Button, Group, Text, Title } from "@mantine/core";
import { IconBolt, IconClock, IconLock, IconSchool, IconUser } from "@tabler/icons-react";
import type { TaskCard as Card } from "@talka/api";
import { cx, formatMoney } from "@talka/ui";
import { useEffect, useId, useRef } from "react";
import { Link, useLocation } from "wouter";
import classes from "./card.module.css";
import { reasonText } from "./reasons";

const KINDS: Readonly<Record<Card["kind"], string | undefined>> = {
  GENERAL: undefined,
  TRAINING: "Training",
  EXAM: "Exam",
  MAP: "On site",
};

export function TaskCard({ card, linked }: { card: Card; linked: boolean }) {
  const titleId = useId();
  const element = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!linked) return;
    element.current?.scrollIntoView({ block: "center" });
    element.current?.focus({ preventScroll: true });
  }, [linked]);

  const off = !card.available && !card.active_assignment_id;
  return (
    <article
      ref={element}
      tabIndex={linked ? -1 : undefined}
      aria-labelledby={titleId}
      className={cx(classes.card, off && classes.off)}
      data-testid="task-card"
      data-project-id={card.project_id}
    >
      <div className={classes.text}>
        <Group gap="xs">
          <Title order={2} id={titleId}>
            {card.title}
          </Title>
          {KINDS[card.kind] && <Badge variant="light">{KINDS[card.kind]}</Badge>}
          {card.may_contain_adult_content && (
            <Badge variant="light" color="red">
              18+
            </Badge>
          )}
        </Group>
        {card.description && (
          <Text c="dimmed" mt={4} lineClamp={3}>
            {card.description}
          </Text>
        )}
      </div>
      <Pay card={card} />
      <div className={classes.foot}>
        <Facts card={card} />
        {off && <Reason card={card} />}
      </div>
      {!off && <StartButton card={card} />}
    </article>
  );
}

function Pay({ card }: { card: Card }) {
  if (card.kind === "TRAINING") return <Text className={classes.pay}>Unpaid</Text>;
  return (
    <div className={classes.pay}>
      <Text fw={600} size="md" className="talka-numbers">
        {formatMoney(card.reward_per_assignment)}
      </Text>
      <Text c="dimmed">a page</Text>
    </div>
  );
}

function Facts({ card }: { card: Card }) {
  const paidAtOnce = card.acceptance === "AUTO";
  const Acceptance = paidAtOnce ? IconBolt : IconClock;
  return (
    <>
      {card.kind !== "TRAINING" && (
        <span className={classes.fact}>
          <Acceptance size={16} aria-hidden />
          {paidAtOnce ? "Paid at once" : "Paid after review"}
        </span>
      )}
      {card.training && (
        <span className={classes.fact}>
          <IconSchool size={16} aria-hidden />
          With training
        </span>
      )}
      {card.requester && (
        <span className={classes.fact}>
          <IconUser size={16} aria-hidden />
          {card.requester}
        </span>
      )}
    </>
  );
}

function Reason({ card }: { card: Card }) {
  const { text, link } = reasonText(card.unavailable_reason);
  return (
    <span className={classes.fact}>
      <IconLock size={16} aria-hidden />
      <span>
        {text} {link && <Link href={link.to}>{link.label}</Link>}
      </span>
    </span>
  );
}

function StartButton({ card }: { card: Card }) {
  const [, navigate] = useLocation();
  const base = `/tasks/${card.project_id}`;
  const active = card.active_assignment_id;
  const to = active ? `${base}/assignments/${active}` : `${base}/pools/${card.pool_id}`;
  return (
    <Button
      className={classes.button ?? ""}
      variant={active ? "light" : "filled"}
      onClick={() => navigate(to)}
    >
      {active ? "Continue" : "Start"}
    </Button>
  );
}
