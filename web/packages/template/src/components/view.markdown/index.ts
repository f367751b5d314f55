import { defineComponent } from "../../component";
import { spec } from "./spec";
import { load, View } from "./view";

export const viewMarkdown = defineComponent(spec, View, { load });
