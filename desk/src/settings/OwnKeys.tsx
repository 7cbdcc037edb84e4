// The keys in one's own name, as the ledger proves them: any that this phrase did not make is somebody else's to read by.
import { Trans, useLingui } from "@lingui/react/macro";
import { useQuery } from "@tanstack/react-query";

import { door } from "../door.ts";

export function OwnKeys() {
  const { i18n } = useLingui();
  const { data: keys } = useQuery({ queryKey: ["own-keys"], queryFn: () => door.ownKeys() });
  if (!keys) return null;
  if (keys.length === 0) {
    return (
      <p className="quiet small">
        <Trans>Your key is added to the desk with the first thing that you send.</Trans>
      </p>
    );
  }
  return (
    <ul className="rows">
      {keys.map((key) => (
        <li key={key.fingerprint}>
          <span className="what">
            <code>{key.fingerprint}</code>
            <span className="quiet small">
              <Trans>Can read what people write to you since {i18n.date(new Date(key.registered_at * 1_000), { dateStyle: "long" })}</Trans>
            </span>
          </span>
          {key.is_of_phrase ? (
            <span className="tag done">
              <Trans>from your phrase</Trans>
            </span>
          ) : (
            <span className="tag urgent">
              <Trans>made elsewhere</Trans>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
