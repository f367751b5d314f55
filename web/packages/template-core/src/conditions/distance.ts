/** `condition.distance`: two points are near each other. */
import { type ConditionDefinition, textOf } from "../context";
import { verdict } from "./values";

const EARTH_RADIUS_METRES = 6_371_000;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

interface Point {
  readonly lat: number;
  readonly lon: number;
}

function pointOf(text: string): Point | undefined {
  const [lat, lon, ...rest] = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (lat === undefined || lon === undefined || rest.length > 0) return undefined;
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : undefined;
}

/** Great-circle distance in metres. */
function metresBetween(from: Point, to: Point): number {
  const a =
    Math.sin(radians(to.lat - from.lat) / 2) ** 2 +
    Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(radians(to.lon - from.lon) / 2) ** 2;
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(a)));
}

export const distance: ConditionDefinition = {
  type: "condition.distance",
  check(props, context) {
    const texts = [textOf(context.value(props.from)), textOf(context.value(props.to))] as const;
    if (texts.some((text) => text.startsWith("rejected"))) {
      return verdict(false, "Allow this page to see where you are", "");
    }
    const [from, to] = [pointOf(texts[0]), pointOf(texts[1])];
    if (!from || !to) return verdict(false, "Your position is not known yet", "");
    const max = Number(context.value(props.max));
    const passed = metresBetween(from, to) <= max;
    return verdict(passed, `Come within ${max} m of the place`, `Be more than ${max} m from the place`);
  },
};
