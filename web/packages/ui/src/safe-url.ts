/** Addresses from untrusted data. */

/** The address if it is http, https or relative to this page's host, else undefined. */
export function safeUrl(address: string): string | undefined {
  const text = address.trim();
  if (text === "" || /^(?:[\\/]{2}|[\\/]\\)/.test(text)) return undefined;
  const withScheme = /^www\./i.test(text) ? `https://${text}` : text;
  try {
    const url = new URL(withScheme, window.location.origin);
    return url.protocol === "http:" || url.protocol === "https:" ? withScheme : undefined;
  } catch {
    return undefined;
  }
}
