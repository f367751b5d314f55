import { ActionIcon, Center, Group, Modal } from "@mantine/core";
import { IconPhotoOff, IconRotate2, IconRotateClockwise2 } from "@tabler/icons-react";
import type { Handle } from "@talka/template-core";
import { cx, safeUrl } from "@talka/ui";
import { type CSSProperties, useCallback, useState } from "react";
import type { ViewProps } from "../../component";
import { useTaskValue } from "../../hooks";
import type { PropsOf } from "../../spec";
import classes from "./image.module.css";
import type { spec } from "./spec";

type Props = PropsOf<typeof spec.props>;

const DEFAULT_MIN_WIDTH = 150;
const FULL_HEIGHT = "max(400px, 70dvh)";

/** The box keeps its shape before, while and after the picture loads. */
function boxStyle({ ratio, minWidth, maxWidth, fullHeight }: Props): CSSProperties {
  const [width = 16, height = 9] = ratio;
  const smallest = minWidth ?? Math.min(DEFAULT_MIN_WIDTH, maxWidth ?? DEFAULT_MIN_WIDTH);
  const shape = fullHeight ? { height: FULL_HEIGHT } : { aspectRatio: `${width} / ${height}` };
  return {
    ...shape,
    width: "100%",
    minWidth: `min(100%, ${smallest}px)`,
    maxWidth: maxWidth && Math.max(maxWidth, smallest),
  };
}

function useImageState(handle: Handle) {
  const { task } = handle.scope;
  const { path } = handle.node;
  const compute = useCallback(() => task.viewState(path), [task, path]);
  const state = useTaskValue(task, compute);
  const rotation = Number(state.rotation ?? 0);
  return {
    isOpen: state.isOpen === true,
    rotation,
    setOpen: (isOpen: boolean) => task.setViewState(path, { isOpen }),
    turn: (quarters: number) => task.setViewState(path, { rotation: (rotation + quarters + 4) % 4 }),
  };
}

export function View({ props, handle, control }: ViewProps<Props>) {
  const { isOpen, rotation, setOpen, turn } = useImageState(handle);
  const [failed, setFailed] = useState(false);
  const src = safeUrl(props.url);
  if (!src || failed) return <Failed url={props.url} style={boxStyle(props)} />;

  const opens = props.popup || props.scrollable;
  const natural = props.scrollable && isOpen;
  const picture = (
    <img
      src={src}
      alt=""
      draggable={false}
      loading={props.noLazyLoad ? "eager" : "lazy"}
      onError={() => setFailed(true)}
      className={cx(classes.image, rotation % 2 === 1 && classes.turned, natural && classes.natural)}
      style={{ rotate: `${rotation * 90}deg` }}
    />
  );
  return (
    <div
      className={cx(classes.box, !props.noBorder && classes.bordered, natural && classes.scrollable)}
      style={boxStyle(props)}
    >
      {opens ? (
        <button
          type="button"
          className={classes.zoom}
          aria-label={isOpen ? "Show the picture small" : "Enlarge the picture"}
          aria-labelledby={control["aria-labelledby"]}
          onClick={() => setOpen(!isOpen)}
        >
          {picture}
        </button>
      ) : (
        <div className={cx(classes.zoom, classes.still)}>{picture}</div>
      )}
      {props.rotatable && <RotateButtons turn={turn} />}
      {props.popup && !props.scrollable && (
        <Modal
          opened={isOpen}
          onClose={() => setOpen(false)}
          size="auto"
          centered
          closeButtonProps={{ "aria-label": "Close picture" }}
        >
          <Center onClick={() => setOpen(false)}>
            <img src={src} alt="" className={classes.full} style={{ rotate: `${rotation * 90}deg` }} />
          </Center>
        </Modal>
      )}
    </div>
  );
}

function RotateButtons({ turn }: { turn: (quarters: number) => void }) {
  return (
    <Group gap={4} className={classes.rotate}>
      <ActionIcon variant="default" aria-label="Rotate left" onClick={() => turn(-1)}>
        <IconRotate2 size={16} />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Rotate right" onClick={() => turn(1)}>
        <IconRotateClockwise2 size={16} />
      </ActionIcon>
    </Group>
  );
}

function Failed({ url, style }: { url: string; style: CSSProperties }) {
  return (
    <div
      className={cx(classes.box, classes.bordered, classes.failed)}
      style={style}
      role="img"
      aria-label="Picture not available"
    >
      <Center>
        <IconPhotoOff size={24} aria-hidden />
      </Center>
      <span>{url === "" ? "No picture is given" : `The picture at ${url} cannot be shown`}</span>
    </div>
  );
}
