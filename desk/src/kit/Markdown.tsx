// Markdown to React elements, never to HTML text: what others wrote can be shown, and nothing of it can run or fetch anything.
import type { Token } from "markdown-it";
import { createElement, type ReactNode, use } from "react";

import { steady } from "./letters.ts";
import { parsed } from "./markdownBounds.ts";
import { namesIn } from "./markdownParts.ts";
import { Plain } from "./Plain.tsx";

const BLOCKS: Record<string, string> = {
  paragraph: "p",
  bullet_list: "ul",
  ordered_list: "ol",
  list_item: "li",
  blockquote: "blockquote",
  heading: "h3",
  table: "table",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td",
  strong: "strong",
  em: "em",
  s: "s",
};
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** A link's address, where it leads somewhere that a click may lead to. */
function target(token: Token, name: "href" | "src" = "href"): URL | null {
  const href = token.attrGet(name);
  if (typeof href !== "string" || !URL.canParse(href)) return null;
  const url = new URL(href);
  if (!SCHEMES.has(url.protocol)) return null;
  if (url.protocol !== "mailto:") return url;
  // What stands behind an address can name others who get the letter too, and no text beside the link would say so.
  url.search = url.hash = "";
  return url.pathname === "" ? null : url;
}

function Link({ url, children }: { url: URL | null; children: ReactNode[] }) {
  if (!url) return <>{children}</>;
  // The text of a link is its author's; where it leads stands beside it.
  const place = url.protocol === "mailto:" ? url.pathname : url.host;
  return (
    <>
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow">
        {children.length > 0 ? children : url.href}
      </a>{" "}
      <bdi className="quiet small">({place})</bdi>
    </>
  );
}

/** Takes tokens up to the one that closes the block they begin in. A link in a link, as of a picture that leads elsewhere, is its words alone. */
function elements(tokens: Token[], at: { n: number }, isLink = false): ReactNode[] {
  const made: ReactNode[] = [];
  for (; at.n < tokens.length; at.n++) {
    const token = tokens[at.n] as Token;
    if (token.nesting < 0) return made;
    made.push(element(token, tokens, at, isLink));
  }
  return made;
}

function element(token: Token, tokens: Token[], at: { n: number }, isLink: boolean): ReactNode {
  const key = at.n;
  if (token.nesting > 0) {
    at.n++;
    const inside = elements(tokens, at, isLink || token.type === "link_open");
    if (token.type === "link_open") {
      return (
        <Link key={key} url={isLink ? null : target(token)}>
          {inside}
        </Link>
      );
    }
    const name = BLOCKS[token.type.replace(/_open$/, "")] ?? "span";
    const isBlock = name === "p" || name === "li" || name === "td" || name === "th" || name === "h3";
    return createElement(name, isBlock ? { key, dir: "auto" } : { key }, ...(inside.length > 0 ? [inside] : []));
  }
  switch (token.type) {
    case "inline":
      return elements(token.children ?? [], { n: 0 }, isLink);
    case "softbreak":
    case "hardbreak":
      return <br key={key} />;
    case "image": {
      // A picture from elsewhere would tell its owner who reads this: it is a link like any other.
      const words = elements(token.children ?? [], { n: 0 }, true);
      if (isLink) return words.length > 0 ? words : steady(String(token.attrGet("src")));
      return (
        <Link key={key} url={target(token, "src")}>
          {words}
        </Link>
      );
    }
    case "code_inline":
      return <code key={key}>{steady(token.content)}</code>;
    case "fence":
    case "code_block":
      return (
        <pre key={key} dir="ltr">
          <code>{steady(token.content)}</code>
        </pre>
      );
    case "hr":
      return <hr key={key} />;
    default:
      // Here and not before: a letter has other spellings, such as "&#x202e;" and "%E2%80%AE", until it is shown.
      return steady(token.content);
  }
}

export default function Markdown({ text }: { text: string }) {
  const names = namesIn(text);
  if (names) use(names);
  const tokens = parsed(steady(text));
  return tokens ? elements(tokens, { n: 0 }) : <Plain text={text} />;
}
