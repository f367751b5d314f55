import { render } from "@testing-library/react";
import { expect, test } from "vitest";
import { SafeHtml, sanitize } from "./html";

function markup(html: string): string {
  const holder = document.createElement("div");
  holder.append(sanitize(html));
  return holder.innerHTML;
}

test.each([
  ["<p onclick='x()'>Hi <b>you</b></p>", "<p>Hi <b>you</b></p>"],
  ["<script>alert(1)</script><iframe src='https://a'></iframe>text", "text"],
  ["<img src=x onerror=alert(1)>", '<img src="x">'],
  ["<svg><script>alert(1)</script></svg>", ""],
  ["<form action='/x'><input></form>", ""],
])("%s becomes %s", (html, expected) => {
  expect(markup(html)).toBe(expected);
});

test.each(["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"])(
  "%s is no link",
  (href) => {
    expect(markup(`<a href="${href}">x</a>`)).not.toContain("href");
  },
);

test("good links open a new tab without an opener", () => {
  expect(markup('<a href="https://example.org/a">x</a>')).toBe(
    '<a href="https://example.org/a" target="_blank" rel="noopener noreferrer">x</a>',
  );
});

test("styles stay inside a shadow root", () => {
  const { container } = render(<SafeHtml html="<style>body { display: none }</style><p>Read</p>" />);
  expect(container.textContent).toBe("");
  const root = container.firstElementChild?.shadowRoot;
  expect(root?.querySelector("p")?.textContent).toBe("Read");
  expect([...(root?.querySelectorAll("style") ?? [])].map((style) => style.textContent)).toContain(
    "body { display: none }",
  );
});
