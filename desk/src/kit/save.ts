/** How long a browser may take to begin with a file that it is given. */
const TAKEN_MS = 60_000;

/** Gives a file to the browser to be saved under a name. It is of no type that a browser would open in place of the page. */
export function giveToSave(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), TAKEN_MS);
}
