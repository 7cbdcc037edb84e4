const METRICS_BYTES_MAX = 2_000_000;

/** Numbers without labels, and the first of each that has some, from what Prometheus reads. */
export function numbersIn(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const line of text.slice(0, METRICS_BYTES_MAX).split("\n")) {
    const match = /^([a-z_]+(?:\{[^}]*\})?) ([0-9.eE+-]+)$/.exec(line);
    const [, name, value] = match ?? [];
    if (name !== undefined && value !== undefined && Number.isFinite(Number(value))) found[name] = Number(value);
  }
  return found;
}
