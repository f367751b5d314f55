/** Shows HTML written by strangers: sanitised by an allow-list, its styles kept inside a shadow root. */
import DOMPurify from "dompurify";
import { useLayoutEffect, useRef } from "react";

const INSTRUCTION_TAGS = (
  "a b big blockquote br center cite code col colgroup dd div dl dt em font h1 h2 h3 h4 h5 h6 hr i img li map ol p pre " +
  "samp small span strike strong style sub sup table tbody td tfoot th thead tr u ul"
).split(" ");

/** Web and mail addresses, and relative ones: no other scheme. */
const SAFE_ADDRESS = /^(?:https?:|mailto:|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i;

const purifier = DOMPurify(window);
purifier.addHook("afterSanitizeAttributes", (element) => {
  if (element.tagName !== "A") return;
  element.setAttribute("target", "_blank");
  element.setAttribute("rel", "noopener noreferrer");
});

/** The nodes of untrusted HTML that may be shown. Links open a new tab that knows nothing of this one. */
export function sanitize(html: string, tags: readonly string[] = INSTRUCTION_TAGS): DocumentFragment {
  return purifier.sanitize(html, {
    ALLOWED_TAGS: [...tags, "#text"],
    ALLOWED_URI_REGEXP: SAFE_ADDRESS,
    FORCE_BODY: true,
    RETURN_DOM_FRAGMENT: true,
  });
}

const FRAME_STYLE = `
  :host { display: block; contain: content; overflow-x: auto; overflow-wrap: anywhere; line-height: 1.55; }
  img { max-width: 100%; height: auto; }
  table { border-collapse: collapse; } td, th { padding: 4px 8px; border: 1px solid var(--talka-line); }
  a { color: var(--talka-accent-text); } h1, h2, h3, h4, h5, h6 { font-size: 16px; }
  h1 { font-size: 18px; } style + * { margin-top: 0; }`;

export function SafeHtml({ html }: { html: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!host.current) return;
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: "open" });
    const style = document.createElement("style");
    style.textContent = FRAME_STYLE;
    root.replaceChildren(style, sanitize(html));
  }, [html]);
  return <div ref={host} />;
}
