/** The running state of one task on a page: its data stores, mounted fields, view states and validation. */
import type { DataRef, Scope } from "./context";
import { checkCondition, evaluate, resolveRef } from "./evaluate";
import { deepEqual, getAt, isObject, isPrefix, type JsonObject, setAt } from "./json";
import type { ComponentNode } from "./template";

export type Mode = "execute" | "read-only";

/** What a task may ask of the page around it. */
export interface Host {
  openLink(url: string): void;
  notify(notice: Notice): void;
  translate(key: string): string | undefined;
  readonly assignmentId: string | undefined;
}

export interface Notice {
  readonly content: unknown;
  readonly theme: "info" | "success" | "warning" | "danger";
  readonly delay: number;
  readonly duration: number;
}

export interface TaskOptions {
  readonly input: JsonObject;
  readonly output?: JsonObject;
  readonly opened?: readonly string[];
  readonly mode?: Mode;
  readonly host?: Partial<Host>;
}

/** A view or field while it is on screen. */
export interface Mounted {
  readonly node: ComponentNode;
  readonly scope: Scope;
  /** The places whose values this field owns. */
  readonly owns: readonly DataRef[];
}

const keyOf = (ref: DataRef): string => `${ref.store}:${ref.path.join(".")}`;

export class TaskState {
  readonly input: JsonObject;
  readonly mode: Mode;
  readonly host: Partial<Host>;
  private stores: { output: unknown; internal: unknown };
  private readonly views = new Map<string, JsonObject>();
  private readonly opened: Set<string>;
  private readonly touched = new Set<string>();
  private readonly mounted = new Set<Mounted>();
  private readonly leaving = new Map<string, DataRef>();
  private readonly remembered = new Map<string, unknown>();
  private readonly listeners = new Set<() => void>();
  private version = 0;
  private depth = 0;
  private changed = false;
  private attempted = false;
  private disposed = false;

  constructor(options: TaskOptions) {
    this.input = options.input;
    this.mode = options.mode ?? "execute";
    this.host = options.host ?? {};
    this.stores = { output: options.output, internal: undefined };
    this.opened = new Set(options.opened);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getVersion = (): number => this.version;

  /** The answer as it would be submitted now. */
  get output(): JsonObject {
    return isObject(this.stores.output) ? this.stores.output : {};
  }

  get openedLinks(): readonly string[] {
    return [...this.opened];
  }

  read(ref: DataRef): unknown {
    return getAt(ref.store === "input" ? this.input : this.stores[ref.store], ref.path);
  }

  /** Sets a value (undefined removes it) and marks the place as touched by the worker. */
  write(ref: DataRef, value: unknown): void {
    this.touched.add(keyOf(ref));
    this.put(ref, value);
  }

  /** Sets a value without marking the place as touched: defaults, restored values. */
  put(ref: DataRef, value: unknown): void {
    if (this.mode === "read-only" || ref.store === "input" || deepEqual(this.read(ref), value)) return;
    this.stores = { ...this.stores, [ref.store]: setAt(this.stores[ref.store], ref.path, value) };
    this.notify();
  }

  /** Runs several changes and tells listeners once. */
  batch(change: () => void): void {
    this.depth += 1;
    try {
      change();
    } finally {
      this.depth -= 1;
      if (this.depth === 0 && this.changed) this.notify();
    }
  }

  viewState(path: string): JsonObject {
    return this.views.get(path) ?? {};
  }

  setViewState(path: string, patch: JsonObject): void {
    const next = { ...this.viewState(path), ...patch };
    if (deepEqual(next, this.viewState(path))) return;
    this.views.set(path, next);
    this.notify();
  }

  isOpened(url: string): boolean {
    return this.opened.has(url);
  }

  /** Records that the worker followed a link. */
  markOpened(url: string): void {
    if (this.opened.has(url)) return;
    this.opened.add(url);
    this.notify();
  }

  /** Puts a view or field on screen: restores what hiding it removed, else applies its default. */
  mount(entry: Mounted): () => void {
    this.mounted.add(entry);
    this.batch(() => {
      for (const ref of entry.owns) this.restore(ref);
      this.applyDefault(entry);
    });
    return () => {
      this.mounted.delete(entry);
      for (const ref of entry.owns) this.leaving.set(keyOf(ref), ref);
      Promise.resolve().then(() => this.settle());
    };
  }

  /** Removes and remembers the answers of fields that went and did not come back. */
  settle(): void {
    const leaving = [...this.leaving.values()];
    this.leaving.clear();
    if (this.disposed) return;
    this.batch(() => {
      for (const ref of leaving) {
        const value = this.read(ref);
        if (ref.store !== "output" || value === undefined || this.isUsed(ref)) continue;
        this.remembered.set(keyOf(ref), value);
        this.put(ref, undefined);
      }
    });
  }

  /** The page goes as a whole: answers stay as they are. */
  dispose(): void {
    this.disposed = true;
  }

  /** The page is on screen (again). */
  revive(): void {
    this.disposed = false;
  }

  /** Messages of a mounted view's failed validation, shown or not. */
  messages(entry: Mounted): readonly string[] {
    const { node, scope } = entry;
    if (node.props.validation === undefined) return [];
    const data = evaluate(node.props.data, scope);
    const verdict = checkCondition(node.props.validation, scope, { data, viewPath: node.path });
    return verdict.passed ? [] : verdict.direct.split("\n");
  }

  /** Messages as the worker should see them: once a field was touched or a submit was tried. */
  visibleMessages(entry: Mounted): readonly string[] {
    const shown = this.attempted || entry.owns.some((ref) => this.touched.has(keyOf(ref)));
    return shown ? this.messages(entry) : [];
  }

  /** Makes every error visible and tells whether there is none. */
  attemptSubmit(): boolean {
    this.settle();
    this.attempted = true;
    this.notify();
    return this.isValid();
  }

  isValid(): boolean {
    return [...this.mounted].every((entry) => this.messages(entry).length === 0);
  }

  /** How far the answer is; errors count once a submit was tried. */
  status(): "open" | "answered" | "invalid" {
    if (!this.isValid()) return this.attempted ? "invalid" : "open";
    return Object.keys(this.output).length > 0 ? "answered" : "open";
  }

  private restore(ref: DataRef): void {
    this.leaving.delete(keyOf(ref));
    const value = this.remembered.get(keyOf(ref));
    if (value === undefined) return;
    this.remembered.delete(keyOf(ref));
    if (this.read(ref) === undefined) this.put(ref, value);
  }

  private applyDefault({ node, scope }: Mounted): void {
    const source = node.props.data;
    const ref = resolveRef(source, scope);
    if (!ref || source?.kind !== "component" || this.touched.has(keyOf(ref))) return;
    if (this.read(ref) === undefined) this.put(ref, evaluate(source.props.default, scope));
  }

  private isUsed(ref: DataRef): boolean {
    const holds = (held: DataRef): boolean => held.store === ref.store && isPrefix(held.path, ref.path);
    return [...this.mounted].some((entry) => entry.owns.some(holds));
  }

  private notify(): void {
    this.changed = this.depth > 0;
    if (this.changed) return;
    this.version += 1;
    for (const listener of [...this.listeners]) listener();
  }
}
