import { expect, test } from "vitest";
import { safeUrl } from "./safe-url";

test.each([
  ["https://example.org/a?b#c", "https://example.org/a?b#c"],
  ["/media/1.png", "/media/1.png"],
  ["1.png", "1.png"],
  ["www.example.org", "https://www.example.org"],
  ["//evil.example/x", undefined],
  ["\\\\evil.example", undefined],
  ["javascript:alert(1)", undefined],
  [" javascript:alert(1)", undefined],
  ["java\nscript:alert(1)", undefined],
  ["data:image/svg+xml,x", undefined],
  ["blob:https://example.org/1", undefined],
  ["", undefined],
])("%j is %j", (address, expected) => {
  expect(safeUrl(address)).toBe(expected);
});
