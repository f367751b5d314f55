/** What a template uses that this version cannot do and that no placeholder on the page shows. */
import { isKnownLogic, pluginTypes, type Template } from "@talka/template-core";

const FAMILIES = /^(?:data|helper|condition|action)\./;

/** Component types without effect here, sorted. */
export function unsupportedTypes(template: Template): readonly string[] {
  const isIgnored = (type: string): boolean =>
    type.startsWith("plugin.") ? !pluginTypes.has(type) : FAMILIES.test(type) && !isKnownLogic(type);
  return [...template.types].filter(isIgnored).sort();
}
