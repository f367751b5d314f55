import { defineComponent } from "../../component";
import { spec } from "./spec";
import { View } from "./view";

export const viewText = defineComponent(spec, View);
