/** Plain JSON values: deep equality, dot paths, and copying writes that prune what they empty. */

export type Path = readonly string[];
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Comparable {
  equals(other: unknown): boolean;
}

function isComparable(value: unknown): value is Comparable {
  return isObject(value) && typeof value.equals === "function";
}

/** Deep, type-strict equality; keys that hold undefined count as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (isComparable(a)) return a.equals(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => deepEqual(item, b[index]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const key of keys) if (!deepEqual(a[key], b[key])) return false;
  return true;
}

/** Splits `a.b.0`; the empty path addresses the whole value. */
export function splitPath(path: string): Path {
  return path === "" ? [] : path.split(".");
}

export function isPrefix(prefix: Path, path: Path): boolean {
  return prefix.length <= path.length && prefix.every((part, index) => part === path[index]);
}

const isIndex = (part: string): boolean => /^\d{1,6}$/.test(part);

/** The value at a path, or undefined; never looks at inherited properties. */
export function getAt(root: unknown, path: Path): unknown {
  let current = root;
  for (const part of path) {
    if (Array.isArray(current)) current = isIndex(part) ? current[Number(part)] : undefined;
    else if (isObject(current) && Object.hasOwn(current, part)) current = current[part];
    else return undefined;
  }
  return current;
}

/**
 * A copy of root with the value at path replaced. Missing parents are created (arrays before numeric parts);
 * undefined deletes the key and every parent object that this empties, but leaves an empty slot in an array.
 */
export function setAt(root: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(root) || (root === undefined && isIndex(part))) {
    const list: unknown[] = Array.isArray(root) ? [...root] : [];
    if (!isIndex(part) || (value === undefined && Number(part) >= list.length)) return root;
    list[Number(part)] = setAt(list[Number(part)], rest, value);
    return Array.from(list, (item) => item ?? null);
  }
  const source = isObject(root) ? root : {};
  const child = setAt(Object.hasOwn(source, part) ? source[part] : undefined, rest, value);
  const copy = Object.fromEntries(
    Object.entries(source).filter(([key]) => key !== part || child !== undefined),
  );
  if (child === undefined) return Object.keys(copy).length === 0 ? undefined : copy;
  return Object.fromEntries([...Object.entries(copy).filter(([key]) => key !== part), [part, child]]);
}
