// How often a wallet asks for the files that were chosen: the node takes each of their pieces on a signature of its own.
import { Plural } from "@lingui/react/macro";

/** How large a piece is, in bytes. */
const PIECE_BYTES = 1_048_576;

/** `sizes` are those of the files as they are sealed. */
export default function WalletFiles({ sizes }: { sizes: number[] }) {
  const pieces = sizes.reduce((sum, size) => sum + Math.max(1, Math.ceil(size / PIECE_BYTES)), 0);
  return (
    <p className="quiet small" role="status">
      <Plural
        value={pieces}
        one="Keplr asks you to confirm the file, and then what you send."
        other="Files go to the desk in pieces of a megabyte, and Keplr asks you to confirm each: # times for these, and once for what you send."
      />
    </p>
  );
}
