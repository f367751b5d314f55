import { defineComponent } from "../../component";
import { ownedRefs } from "./owned";
import { spec } from "./spec";
import { View } from "./view";

export const fieldCheckboxGroup = defineComponent(spec, View, { owns: ownedRefs });
