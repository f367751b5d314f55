/** Every component that can be drawn; each is one folder below `components/`. */
import type { ComponentDefinition } from "./component";
import { fieldButtonRadioGroup } from "./components/field.button-radio-group";
import { fieldCheckbox } from "./components/field.checkbox";
import { fieldCheckboxGroup } from "./components/field.checkbox-group";
import { fieldRadioGroup } from "./components/field.radio-group";
import { fieldSelect } from "./components/field.select";
import { fieldText } from "./components/field.text";
import { fieldTextarea } from "./components/field.textarea";
import { layoutColumns } from "./components/layout.columns";
import { viewAlert } from "./components/view.alert";
import { viewGroup } from "./components/view.group";
import { viewImage } from "./components/view.image";
import { viewList } from "./components/view.list";
import { viewMarkdown } from "./components/view.markdown";
import { viewText } from "./components/view.text";

const components: readonly ComponentDefinition[] = [
  fieldButtonRadioGroup,
  fieldCheckbox,
  fieldCheckboxGroup,
  fieldRadioGroup,
  fieldSelect,
  fieldText,
  fieldTextarea,
  layoutColumns,
  viewAlert,
  viewGroup,
  viewImage,
  viewList,
  viewMarkdown,
  viewText,
];

export const registry: ReadonlyMap<string, ComponentDefinition> = new Map(
  components.map((component) => [component.spec.type, component]),
);
