// Twelve words in a form that people can compare and read aloud.
export function Words({ words, label }: { words: string; label: string }) {
  return (
    <ol className="words" aria-label={label} translate="no" dir="ltr">
      {words.split(" ").map((word, n) => (
        // Words of a phrase may be the same; their place is what they are.
        <li key={n}>{word}</li>
      ))}
    </ol>
  );
}
