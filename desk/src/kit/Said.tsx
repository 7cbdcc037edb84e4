// A message's text. The reader of Markdown is fetched with the first one; until then the text stands as it was written.
import { Suspense } from "react";
import { lazy } from "./lost.ts";
import { Plain } from "./Plain.tsx";

const Markdown = lazy(() => import("./Markdown.tsx"), Plain);

export function Said({ text }: { text: string }) {
  return (
    <div className="said">
      <Suspense fallback={<Plain text={text} />}>
        <Markdown text={text} />
      </Suspense>
    </div>
  );
}
