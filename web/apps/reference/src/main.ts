import "rapidoc";
import "./reference.css";

/** The looks and the abilities of the renderer; what is not here is as it comes. */
const SETTINGS: Record<string, string> = {
  "spec-url": "/openapi.json",
  "load-fonts": "false",
  "regular-font": "system-ui, sans-serif",
  "mono-font": "ui-monospace, Menlo, Consolas, monospace",
  "show-header": "false",
  "allow-spec-url-load": "false",
  "allow-spec-file-load": "false",
  "allow-server-selection": "false",
  "allow-advanced-search": "true",
  "schema-style": "tree",
  "schema-expand-level": "2",
  "schema-description-expanded": "true",
  "show-method-in-nav-bar": "as-colored-text",
  "use-path-in-nav-bar": "false",
  "fill-request-fields-with-example": "true",
  // A key stays in this page and goes with it.
  "persist-auth": "false",
  "primary-color": "#2f6fed",
  "nav-item-spacing": "compact",
};

const COLOURS = {
  light: { theme: "light", "bg-color": "#ffffff", "text-color": "#1d2430", "nav-bg-color": "#f4f6fa" },
  dark: { theme: "dark", "bg-color": "#15181e", "text-color": "#d9dee7", "nav-bg-color": "#1b1f27" },
};

const reference = document.createElement("rapi-doc");
for (const [name, value] of Object.entries(SETTINGS)) {
  reference.setAttribute(name, value);
}

const dark = window.matchMedia("(prefers-color-scheme: dark)");
function dress(): void {
  for (const [name, value] of Object.entries(dark.matches ? COLOURS.dark : COLOURS.light)) {
    reference.setAttribute(name, value);
  }
}
dark.addEventListener("change", dress);
dress();

// Without room for the list of calls beside them, they stand one below the other.
const narrow = window.matchMedia("(max-width: 767px)");
function arrange(): void {
  reference.setAttribute("render-style", narrow.matches ? "view" : "focused");
}
narrow.addEventListener("change", arrange);
arrange();

const title = document.createElement("a");
title.slot = "nav-logo";
title.href = "/docs";
title.className = "title";
title.textContent = "Talka API";
reference.append(title);
document.body.append(reference);
