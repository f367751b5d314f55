/** Tables of definitions by component type. */

/** Builds a table; a type defined twice is a mistake of ours and throws at once. */
export function tableOf<D extends { readonly type: string }>(
  definitions: readonly D[],
): ReadonlyMap<string, D> {
  const table = new Map(definitions.map((definition) => [definition.type, definition]));
  if (table.size !== definitions.length) throw new Error("a component type is defined twice");
  return table;
}
