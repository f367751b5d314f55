import { parseTemplate } from "@talka/template-core";
import { expect, test } from "vitest";
import { registry } from "./registry";
import { unsupportedTypes } from "./unsupported";

test("every component folder is registered under its own name", () => {
  const folders = Object.keys(import.meta.glob("./components/*/index.ts")).map((path) => path.split("/")[2]);
  expect([...registry.keys()].sort()).toEqual(folders.sort());
});

test("what has no effect is named, what is drawn or understood is not", () => {
  const template = parseTemplate(
    JSON.stringify({
      view: { type: "view.hologram", validation: { type: "condition.magic" } },
      plugins: [{ type: "plugin.hotkeys", 1: { type: "action.play-pause" } }, { type: "plugin.trigger" }],
    }),
  );
  expect(unsupportedTypes(template)).toEqual(["action.play-pause", "condition.magic", "plugin.trigger"]);
});
