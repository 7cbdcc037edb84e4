// Twelve words in a form that people can compare and read aloud.
import type { Ref } from "react";

export function Words({ words, label, ref }: { words: string; label: string; ref?: Ref<HTMLOListElement> }) {
  return (
    <ol ref={ref} className="words" aria-label={label} translate="no" dir="ltr">
      {words.split(" ").map((word, n) => (
        // Words of a phrase may be the same; their place is what they are.
        <li key={n}>{word}</li>
      ))}
    </ol>
  );
}
