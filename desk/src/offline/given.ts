// What somebody is given who asks for a file of the page: the network's answer, or the copy's.
import { isNobodys } from "../../worker/away.ts";
import { HASHED } from "./copy.ts";

interface Asked {
  name: string;
  /** What the network says, null where nobody answers. It may never come. */
  network: Promise<Response | null>;
  kept(): Promise<Response | undefined>;
  /** How long the network is waited for where there is a copy, in milliseconds. */
  patience: number;
}

interface Given {
  answer: Response;
  /** Whether it is the copy's because the network took too long. */
  isLate: boolean;
}

/**
 * Whether the network's answer is not what was asked for: nobody's, or that there is none. A file that has its hash in its name and is missing is one
 * of a page that the node serves no more, which somebody has open, or was given from the copy.
 */
const isNone = (name: string, answer: Response): boolean => isNobodys(answer) || (name.startsWith(HASHED) && answer.status === 404);

/**
 * The network's answer, or the copy's where there is a copy, and the network has no answer in time. One that comes later is for nobody: a page
 * that people have before them is not replaced, and the copy is filled as a whole, by the page, from what the node serves then.
 */
export async function given({ name, network, kept, patience }: Asked): Promise<Given> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), patience);
  });
  const first = await Promise.race([network, late]);
  clearTimeout(timer);
  if (first !== "late" && first !== null && !isNone(name, first)) return { answer: first, isLate: false };
  const copy = await kept();
  if (copy) return { answer: copy, isLate: first === "late" };
  return { answer: (await network) ?? Response.error(), isLate: false };
}
