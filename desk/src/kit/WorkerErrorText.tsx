// What went wrong in this browser, in the words of whoever reads it.
import type { MessageDescriptor } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";

import type { DeskError } from "../door.ts";
import { wordsOf } from "./Problem.tsx";
import { WORDS } from "./workerErrors.ts";

export default function WorkerErrorText({ error }: { error: DeskError }) {
  const { i18n } = useLingui();
  if (error.kind === undefined) return <span dir="auto">{wordsOf(error)}</span>;
  const words: MessageDescriptor = { ...WORDS[error.kind], values: { said: error.said ?? "" } };
  return <span dir="auto">{i18n._(words)}</span>;
}
