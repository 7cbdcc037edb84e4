// A text as it was written, with no letter in it that turns those after it.
import { steady } from "./letters.ts";

export const Plain = ({ text }: { text: string }) => <p dir="auto" className="written">{steady(text)}</p>;
