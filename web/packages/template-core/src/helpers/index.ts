/** Every `helper.*` component. */
import { tableOf } from "../registry";
import { helperIf, helperSwitch } from "./choice";
import { concatArrays, transform } from "./lists";
import { length, multiply, sum } from "./numbers";
import { entriesToObject, objectToEntries } from "./objects";
import { searchQuery } from "./search-query";
import { join, replace, textTransform, translate } from "./text";

export const helpers = tableOf([
  ...[helperIf, helperSwitch, join, replace, textTransform, translate, searchQuery],
  ...[concatArrays, transform, entriesToObject, objectToEntries, sum, multiply, length],
]);
