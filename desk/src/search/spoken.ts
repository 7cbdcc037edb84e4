// What filters of a search and their values are called in the page's language.
import type { MessageDescriptor } from "@lingui/core";
import { useLingui } from "@lingui/react/macro";
import { useMemo } from "react";

import { useNames } from "../people/names.tsx";
import { useRole } from "../queue/role.ts";
import { category, CUSTOMER_STATUS, PRIORITY, STATUS } from "../queue/words.ts";
import { useOpened } from "../session/session.tsx";
import type { Spoken } from "./filters.ts";

export function useSpoken(): Spoken {
  const { t, i18n } = useLingui();
  const person = useNames();
  const { address: myAddress } = useOpened();
  const { data: role } = useRole();
  const isCustomer = role?.role === "customer";
  return useMemo(() => {
    const say = (message: MessageDescriptor) => i18n._(message);
    const said = <Name extends string>(words: Record<Name, MessageDescriptor>) =>
      Object.fromEntries(Object.entries<MessageDescriptor>(words).map(([name, word]) => [name, say(word)])) as Record<Name, string>;
    return {
      filter: {
        status: t({ message: "status", context: "filter of a search" }),
        priority: t({ message: "priority", context: "filter of a search" }),
        category: t({ message: "category", context: "filter of a search" }),
        from: t({ message: "from", context: "filter of a search" }),
        to: t({ message: "to", context: "filter of a search" }),
        provider: t({ message: "provider", context: "filter of a search" }),
        tag: t({ message: "tag", context: "filter of a search" }),
        is: t({ message: "is", context: "filter of a search" }),
        has: t({ message: "has", context: "filter of a search" }),
        before: t({ message: "before", context: "filter of a search" }),
        after: t({ message: "after", context: "filter of a search" }),
      },
      status: said(isCustomer ? CUSTOMER_STATUS : STATUS),
      priority: said(PRIORITY),
      category: (name) => category(name, say),
      unfinished: t({ message: "open", context: "filter of a search" }),
      me: t({ message: "me", context: "filter of a search" }),
      nobody: t({ message: "nobody", context: "filter of a search" }),
      files: t({ message: "files", context: "filter of a search" }),
      mark: {
        aside: t({ message: "aside", context: "filter of a search" }),
        due: t({ message: "due", context: "filter of a search" }),
        late: t({ message: "late", context: "filter of a search" }),
        unread: t({ message: "unread", context: "filter of a search" }),
      },
      person,
      myAddress,
    };
  }, [t, i18n, isCustomer, myAddress, person]);
}
