/** Markdown to sanitised nodes. */
import { sanitize } from "@talka/ui/html";
import MarkdownIt from "markdown-it";
import { useLayoutEffect, useRef } from "react";
import classes from "./markdown.module.css";

const parser = new MarkdownIt({ html: false, linkify: true, breaks: true });

const TAGS =
  "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul".split(
    " ",
  );

export default function Markdown({ content }: { content: string }) {
  const host = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    host.current?.replaceChildren(sanitize(parser.render(content), TAGS));
  }, [content]);
  return <div ref={host} className={classes.markdown} />;
}
