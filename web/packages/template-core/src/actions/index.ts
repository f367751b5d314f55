/** Every `action.*` component. */
import { tableOf } from "../registry";
import { bulk } from "./bulk";
import { set, toggle } from "./data";
import { notify, openLink } from "./page";
import { openClose, rotate } from "./views";

export const actions = tableOf([set, toggle, bulk, openLink, notify, openClose, rotate]);
