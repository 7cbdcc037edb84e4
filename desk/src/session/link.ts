// The link by which somebody came: to a desk, with an invitation, or to a ticket that was written for them. What it says stands behind the mark that browsers do not send.

const LINK = /^#(desk=[0-9a-f]{64}(&claim=[^&]*)?$|sealdesk=)/;

/** The whole link, as it was sent; null where this page was come to in another way. */
export function linked(): string | null {
  return LINK.test(location.hash) ? `${location.origin}/${location.hash}` : null;
}

/** Takes it out of the address, where others could read a code over somebody's shoulder. */
export function forgetLink(): void {
  if (linked() !== null) history.replaceState(history.state, "", location.pathname + location.search);
}
