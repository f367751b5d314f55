/** Template Builder on a screen. */
export { type PageHandle, type PageTask, TemplatePage, type TemplatePageProps } from "./page";
export { Placeholder } from "./placeholder";
export { registry } from "./registry";
export { StandaloneView } from "./standalone";
export type { TaskAlert } from "./task-card";
export { unsupportedTypes } from "./unsupported";
