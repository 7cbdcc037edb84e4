/** Both ends of an address without its prefix: the last six letters alone are its checksum, which anybody can make fit. */
export function short(address: string): string {
  const own = address.slice(address.lastIndexOf("1") + 1);
  return own.length > 12 ? `${own.slice(0, 6)}…${own.slice(-4)}` : own;
}
