/** The slim bar over a page: what it is, what it pays, how long it may take, instructions, full screen, exit. */
import { ActionIcon, Button, Text, Tooltip } from "@mantine/core";
import { useFullscreenDocument } from "@mantine/hooks";
import { IconArrowsMaximize, IconArrowsMinimize, IconDoorExit, IconInfoCircle } from "@tabler/icons-react";
import type { Assignment } from "@talka/api";
import { formatMoney } from "@talka/ui";
import { Timer } from "./timer";
import classes from "./work.module.css";

interface TopBarProps {
  assignment: Assignment;
  title: string;
  onInstructions: () => void;
  onExit: () => void;
  onTimeUp: () => void;
}

export function TopBar({ assignment, title, onInstructions, onExit, onTimeUp }: TopBarProps) {
  const settings = assignment.view_spec.settings ?? {};
  return (
    <header className={classes.top}>
      <div className={classes.row}>
        <h1 className={classes.title}>{settings.showTitle !== false && title}</h1>
        {assignment.expires !== undefined && (
          <Timer
            term={{ created: assignment.created, expires: assignment.expires }}
            visible={settings.showTimer !== false}
            onEnd={onTimeUp}
          />
        )}
        {settings.showReward !== false && assignment.reward > 0 && (
          <Text className={`${classes.fact} talka-numbers`} data-testid="reward">
            {formatMoney(assignment.reward)}
          </Text>
        )}
        <div className={classes.tools}>
          {settings.showInstructions !== false && (
            <Tooltip label="Instructions">
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                aria-label="Instructions"
                onClick={onInstructions}
              >
                <IconInfoCircle size={18} />
              </ActionIcon>
            </Tooltip>
          )}
          {settings.showFullscreen !== false && <FullscreenButton />}
          {settings.showFinish !== false && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<IconDoorExit size={18} />}
              onClick={onExit}
              aria-label="Exit"
            >
              <span className={classes.word}>Exit</span>
            </Button>
          )}
        </div>
      </div>
    </header>
  );
}

function FullscreenButton() {
  const { toggle, fullscreen } = useFullscreenDocument();
  if (!document.fullscreenEnabled) return null;
  const label = fullscreen ? "Leave full screen" : "Full screen";
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={() => void toggle()}>
        {fullscreen ? <IconArrowsMinimize size={18} /> : <IconArrowsMaximize size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}
