/** Turns a view spec's config text into a tree of nodes with every `$ref` resolved to the one node it names. */
import { isObject, type JsonObject, type Path, splitPath } from "./json";

export interface LiteralNode {
  readonly kind: "literal";
  readonly value: unknown;
}
export interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
}
export interface ObjectNode {
  readonly kind: "object";
  readonly entries: Props;
}
export interface ComponentNode {
  readonly kind: "component";
  /** Without the vendor prefix: `condition.distance`. */
  readonly type: string;
  /** Where the config defines it, e.g. `view.items.0`; identifies the node. */
  readonly path: string;
  readonly props: Props;
}
/** What `action.*.view` holds: the path of the view it acts on. */
export interface TargetNode {
  readonly kind: "target";
  readonly path: string;
}
export interface BrokenNode {
  readonly kind: "broken";
  readonly path: string;
  readonly message: string;
}
export type Node = LiteralNode | ListNode | ObjectNode | ComponentNode | TargetNode | BrokenNode;
export type Props = Readonly<Record<string, Node>>;

export interface Template {
  readonly view: Node;
  readonly plugins: readonly ComponentNode[];
  /** Every component type that the view and the plugins use. */
  readonly types: ReadonlySet<string>;
}

/** The config as a whole cannot be shown. */
export class TemplateError extends Error {}

const VENDOR = /^@(?:yandex-)?toloka\//;
const RAW_PROPS: Readonly<Record<string, string>> = { "condition.schema": "schema", "data.input": "schema" };

/** `@toloka/X`, `@yandex-toloka/X` and `X` name the same component. */
export function canonicalType(type: string): string {
  return type.replace(VENDOR, "");
}

/** Parses a config; throws TemplateError when it is not JSON or has no view. */
export function parseTemplate(config: string): Template {
  let root: unknown;
  try {
    root = JSON.parse(config);
  } catch (error) {
    throw new TemplateError(`The interface's config is not JSON: ${(error as Error).message}`);
  }
  if (!isObject(root) || root.view === undefined)
    throw new TemplateError("The interface's config has no view");
  const compiler = new Compiler(root);
  const view = compiler.at(["view"]);
  const plugins = compiler.at(["plugins"]);
  const pluginNodes =
    plugins.kind === "list" ? plugins.items.filter((node) => node.kind === "component") : [];
  return { view, plugins: pluginNodes, types: compiler.types };
}

function refOf(raw: unknown): string | undefined {
  if (!isObject(raw) || "type" in raw) return undefined;
  return typeof raw.$ref === "string" ? raw.$ref : undefined;
}

interface Located {
  readonly path: Path;
  readonly raw: unknown;
}

class Compiler {
  readonly types = new Set<string>();
  private readonly done = new Map<string, Node>();
  private readonly open = new Set<string>();

  constructor(private readonly root: JsonObject) {}

  at(path: Path): Node {
    const located = this.locate(path, new Set());
    return "message" in located ? located : this.compile(located.raw, located.path);
  }

  /** Follows a path from the root, and every `$ref` met on the way, to the element it stands for. */
  private locate(path: Path, followed: Set<string>): Located | BrokenNode {
    let here: Located = { path: [], raw: this.root };
    for (const part of path) {
      const raw = Array.isArray(here.raw)
        ? here.raw[Number(part)]
        : isObject(here.raw)
          ? here.raw[part]
          : undefined;
      here = { path: [...here.path, part], raw };
      const ref = refOf(raw);
      if (ref === undefined) continue;
      if (followed.has(ref)) return broken(path, `"${ref}" refers to itself`);
      const target = this.locate(splitPath(ref), new Set([...followed, ref]));
      if ("message" in target) return target;
      if (target.raw === undefined) return broken(here.path, `nothing is at "${ref}"`);
      here = target;
    }
    return here;
  }

  private compile(raw: unknown, path: Path): Node {
    if (refOf(raw) !== undefined) return this.at(path);
    if (Array.isArray(raw)) return this.once(path, () => ({ kind: "list", items: this.items(raw, path) }));
    if (!isObject(raw)) return { kind: "literal", value: raw };
    if (typeof raw.type === "string") {
      const type = canonicalType(raw.type);
      return this.once(path, () => this.component(type, raw, path));
    }
    if (raw.$empty === true) return { kind: "literal", value: undefined };
    return this.once(path, () => ({ kind: "object", entries: this.entries(raw, path, () => false) }));
  }

  private once(path: Path, build: () => Node): Node {
    const key = path.join(".");
    const known = this.done.get(key);
    if (known) return known;
    if (this.open.has(key)) return broken(path, `"${key}" contains itself`);
    this.open.add(key);
    const node = build();
    this.open.delete(key);
    this.done.set(key, node);
    return node;
  }

  private component(type: string, raw: JsonObject, path: Path): ComponentNode {
    this.types.add(type);
    const isTarget = (name: string): boolean => name === "view" && type.startsWith("action.");
    const { type: _, ...rest } = raw;
    const entries = this.entries(rest, path, isTarget, RAW_PROPS[type]);
    return { kind: "component", type, path: path.join("."), props: entries };
  }

  private items(raw: readonly unknown[], path: Path): Node[] {
    return raw.map((item, index) => this.compile(item, [...path, String(index)]));
  }

  private entries(raw: JsonObject, path: Path, isTarget: (name: string) => boolean, rawProp?: string): Props {
    const pairs = Object.entries(raw).map(([name, value]): [string, Node] => {
      const inner = [...path, name];
      if (name === rawProp) return [name, { kind: "literal", value }];
      return [name, isTarget(name) ? this.target(inner) : this.compile(value, inner)];
    });
    return Object.fromEntries(pairs);
  }

  /** Only the place is taken, so an action may name the very view that contains it. */
  private target(path: Path): Node {
    const located = this.locate(path, new Set());
    return "message" in located ? located : { kind: "target", path: located.path.join(".") };
  }
}

function broken(path: Path, message: string): BrokenNode {
  return { kind: "broken", path: path.join("."), message: `${path.join(".")}: ${message}` };
}
