/** Stands where something of an interface cannot be drawn, and says why. */
import { IconPuzzleOff } from "@tabler/icons-react";
import classes from "./frame.module.css";

export function Placeholder({ children }: { children: string }) {
  return (
    <div className={classes.placeholder} role="note" data-testid="placeholder">
      <IconPuzzleOff size={18} aria-hidden />
      <span>{children}</span>
    </div>
  );
}
