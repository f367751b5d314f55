/** Conditions about the enclosing player: played, played-fully. */
import type { ConditionDefinition } from "../context";
import { verdict } from "./values";

/** Media that cannot be played counts as played: nobody can do better. */
function playback(type: string, flag: "played" | "playedFully", direct: string): ConditionDefinition {
  return {
    type,
    check(_, context, subject) {
      const state = subject.viewPath === undefined ? {} : context.scope.task.viewState(subject.viewPath);
      const passed = state[flag] === true || state.error !== undefined;
      return verdict(passed, direct, "Must not be played");
    },
  };
}

export const played = playback("condition.played", "played", "Start playing this first");
export const playedFully = playback("condition.played-fully", "playedFully", "Play this to the end first");
