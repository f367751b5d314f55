/** Template Builder without a screen: parsing, data, conditions, helpers, actions, plugins. */
export * from "./context";
export { checkCondition, dispatch, evaluate, isKnownLogic, resolveAction, resolveRef } from "./evaluate";
export { deepEqual, getAt, isObject, type JsonObject, setAt, splitPath } from "./json";
export { pluginTypes } from "./plugins";
export { hotkeyActions, hotkeyFor, hotkeysInInputs, keyName } from "./plugins/hotkeys";
export { type PageLayout, pageLayout } from "./plugins/toloka";
export { type Mode, type Mounted, type Notice, type TaskOptions, TaskState } from "./task";
export {
  type ComponentNode,
  type Node,
  type Props,
  parseTemplate,
  type Template,
  TemplateError,
} from "./template";
