/** Every `condition.*` component. */
import { tableOf } from "../registry";
import { all, any, not } from "./combined";
import { distance } from "./distance";
import { linkOpened, sameDomain } from "./links";
import { played, playedFully } from "./playback";
import { schema } from "./schema";
import { contains, empty, equals, less, more, required, subArray } from "./values";

export const conditions = tableOf([
  ...[all, any, not, required, empty, equals, contains, subArray, more, less],
  ...[schema, sameDomain, linkOpened, played, playedFully, distance],
]);
