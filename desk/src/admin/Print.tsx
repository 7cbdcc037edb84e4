/** A fingerprint in groups that people can read to each other. */
export function grouped(hex: string): string {
  return hex.match(/.{1,4}/g)?.join(" ") ?? "";
}

export function Print({ hex }: { hex: string }) {
  return <code className="print-key">{grouped(hex)}</code>;
}
