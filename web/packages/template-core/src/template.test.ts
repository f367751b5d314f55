import { describe, expect, test } from "vitest";
import { canonicalType, parseTemplate, TemplateError } from "./template";

const parse = (config: unknown) => parseTemplate(JSON.stringify(config));

describe("parseTemplate", () => {
  test("refuses what is not JSON or has no view", () => {
    expect(() => parseTemplate("{")).toThrow(TemplateError);
    expect(() => parse({ plugins: [] })).toThrow("has no view");
  });

  test("a $ref is the very node it names, through vars and chains", () => {
    const { view } = parse({
      vars: { a: { $ref: "vars.b" }, b: { inner: { type: "view.text", content: "x" } } },
      view: { type: "view.list", items: [{ $ref: "vars.a.inner" }, { $ref: "view.items.0" }] },
    });
    if (view.kind !== "component" || view.props.items?.kind !== "list") throw new Error("no list");
    const [first, second] = view.props.items.items;
    expect(first).toMatchObject({ kind: "component", type: "view.text", path: "vars.b.inner" });
    expect(second).toBe(first);
  });

  test("a missing or endless $ref breaks only its node", () => {
    const { view } = parse({
      vars: { a: { $ref: "vars.b" }, b: { $ref: "vars.a" } },
      view: {
        type: "view.list",
        items: [{ $ref: "vars.none" }, { $ref: "vars.a" }, { $ref: "view" }, { type: "view.text" }],
      },
    });
    if (view.kind !== "component" || view.props.items?.kind !== "list") throw new Error("no list");
    expect(view.props.items.items.map((node) => node.kind)).toEqual([
      "broken",
      "broken",
      "broken",
      "component",
    ]);
  });

  test("an action may name the view that contains it", () => {
    const { view } = parse({
      view: { type: "view.group", content: { type: "action.rotate", view: { $ref: "view" } } },
    });
    if (view.kind !== "component" || view.props.content?.kind !== "component") throw new Error("no group");
    expect(view.props.content.props.view).toEqual({ kind: "target", path: "view" });
  });

  test("vendor prefixes are ignored, schemas stay raw, $empty is undefined", () => {
    const schema = { type: "string", $ref: "x" };
    const { view, types } = parse({
      view: {
        type: "@yandex-toloka/data.location",
        validation: { type: "condition.schema", schema },
        e: { $empty: true },
      },
    });
    expect(canonicalType("@toloka/condition.distance")).toBe("condition.distance");
    expect([...types]).toEqual(["data.location", "condition.schema"]);
    if (view.kind !== "component" || view.props.validation?.kind !== "component")
      throw new Error("no condition");
    expect(view.props.validation.props.schema).toEqual({ kind: "literal", value: schema });
    expect(view.props.e).toEqual({ kind: "literal", value: undefined });
  });
});
