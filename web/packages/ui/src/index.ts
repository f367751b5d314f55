/** What both apps share: theme, formats, and small pieces. HTML sanitising is apart (`@talka/ui/html`): it is loaded when needed. */
export { Brand } from "./brand";
export { cx } from "./class-names";
export { ColorSchemeButton } from "./color-scheme";
export { EmptyState } from "./empty-state";
export { formatCount, formatMoney, parseTime, plural, RelativeTime, relativeTime } from "./format";
export { Key } from "./key";
export { TalkaProvider } from "./provider";
export { LoadError, QueryState, RowsSkeleton } from "./query-state";
export { safeUrl } from "./safe-url";
export { showToast } from "./toasts";
