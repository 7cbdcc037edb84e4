// What a text of others may cost its reader: the parser makes no more of it than a page can hold, and where it would, there is none.
import MarkdownIt, { type Token } from "markdown-it";

const parser = new MarkdownIt("commonmark", { html: false, breaks: true, linkify: true }).enable(["table", "strikethrough", "linkify"]);

/** Most tokens of a text; an element has one or two. It is a table of a thousand rows, or a list of as many points. */
const TOKENS_MAX = 10_000;
/** A bar makes a cell, and that is three tokens: what makes more of a letter is a table that fills up rows for which nothing is written. */
const TOKENS_PER_LETTER_MAX = 3;
/** What a text of one letter has. */
const TOKENS_ANYWAY = 16;
/** Most marks around one letter. A browser lays them out one in the other. */
const DEPTH_MAX = 100;

class TooMuch extends Error {}

/** How many tokens a text may still have. */
type Env = Record<PropertyKey, unknown> & { left: number };

function spend(env: Env): void {
  if (env.left-- <= 0) throw new TooMuch();
}

parser.block.State = class extends parser.block.State {
  override push(...given: Parameters<InstanceType<typeof parser.block.State>["push"]>): Token {
    spend(this.env as Env);
    return super.push(...given);
  }
};
parser.inline.State = class extends parser.inline.State {
  override push(...given: Parameters<InstanceType<typeof parser.inline.State>["push"]>): Token {
    spend(this.env as Env);
    return super.push(...given);
  }
};

/** Marks pair up after their tokens are there, and no bound of the parser's holds for those. */
function isDeep(tokens: readonly Token[], depth: number): boolean {
  let here = depth;
  return tokens.some((token) => {
    here += token.nesting;
    return here > DEPTH_MAX || (token.children !== null && isDeep(token.children, here));
  });
}

/** The tokens of a text; null where it is to be shown as it was written. */
export function parsed(text: string): Token[] | null {
  const env: Env = { left: Math.min(TOKENS_MAX, TOKENS_ANYWAY + TOKENS_PER_LETTER_MAX * text.length) };
  try {
    const tokens = parser.parse(text, env);
    return isDeep(tokens, 0) ? null : tokens;
  } catch (error) {
    if (error instanceof TooMuch) return null;
    throw error;
  }
}
