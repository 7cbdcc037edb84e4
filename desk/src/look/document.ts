// The public document `desk`: what the desk is called, and how it looks.

/** What the desk is called, and how it looks; empty where it does not say. */
export interface LookForm {
  name: string;
  welcome: string;
  accent: string;
}

const FIELDS = ["name", "welcome", "accent"] as const;

/** What stands in a document; null where it holds anything else. */
export function lookForm(body: string): LookForm | null {
  let written: unknown;
  try {
    written = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof written !== "object" || written === null || Array.isArray(written)) return null;
  const fields = written as Record<string, unknown>;
  if (Object.keys(fields).some((name) => name !== "schema" && !FIELDS.includes(name as (typeof FIELDS)[number]))) return null;
  const [name = "", welcome = "", accent = ""] = FIELDS.map((field) => fields[field]);
  return typeof name === "string" && typeof welcome === "string" && typeof accent === "string" ? { name, welcome, accent } : null;
}

export function lookBody(form: LookForm): string {
  const texts = FIELDS.map((field) => [field, form[field].trim()] as const).filter(([, text]) => text !== "");
  return `${JSON.stringify({ schema: 1, ...Object.fromEntries(texts) }, null, 2)}\n`;
}
