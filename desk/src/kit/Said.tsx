// A message's text. The reader of Markdown is fetched with the first one; until then the text stands as it was written.
import { lazy, Suspense } from "react";

const Markdown = lazy(() => import("./Markdown.tsx"));

export function Said({ text }: { text: string }) {
  return (
    <div className="said">
      <Suspense fallback={<p dir="auto">{text}</p>}>
        <Markdown text={text} />
      </Suspense>
    </div>
  );
}
