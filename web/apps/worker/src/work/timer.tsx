/** The time left for a page, with a warning in the last minute. */
import { Text } from "@mantine/core";
import { IconClock } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { remainingMs, type Term } from "./clock";
import classes from "./work.module.css";

const TICK_MS = 1000;
const WARNING_SECONDS = 60;

const two = (value: number): string => String(value).padStart(2, "0");

/** `9:05`, `1:00:00`, `2 days`. */
export function formatDuration(seconds: number): string {
  if (seconds >= 48 * 3600) return `${Math.floor(seconds / 86_400)} days`;
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Seconds left, counted down; `onEnd` is called every second from the end on. */
function useSecondsLeft(term: Term, onEnd: () => void): number {
  const { created, expires } = term;
  const read = () => Math.max(0, Math.ceil(remainingMs({ created, expires }) / 1000));
  const [seconds, setSeconds] = useState(read);
  useEffect(() => {
    const tick = () => {
      const left = Math.max(0, Math.ceil(remainingMs({ created, expires }) / 1000));
      setSeconds(left);
      if (left === 0) onEnd();
    };
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [created, expires, onEnd]);
  return seconds;
}

interface TimerProps {
  term: Term;
  visible: boolean;
  onEnd: () => void;
}

export function Timer({ term, visible, onEnd }: TimerProps) {
  const seconds = useSecondsLeft(term, onEnd);
  const late = seconds <= WARNING_SECONDS;
  return (
    <>
      {visible && (
        <Text
          className={`${classes.fact} talka-numbers`}
          {...(late && { c: "var(--mantine-color-error)", fw: 600 })}
          role="timer"
          aria-label="Time left"
          data-testid="timer"
        >
          <IconClock size={16} aria-hidden />
          {formatDuration(seconds)}
        </Text>
      )}
      <span className={classes.announcement} role="status">
        {late ? "Less than a minute left for this page" : ""}
      </span>
    </>
  );
}
