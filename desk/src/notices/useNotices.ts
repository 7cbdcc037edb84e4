// Whether this device is told, and what changes that.
import { useLingui } from "@lingui/react/macro";
import { useMutation, useQuery } from "@tanstack/react-query";

import type { Language } from "../i18n.ts";
import { useToast } from "../kit/toast.tsx";
import { client } from "../queries.ts";
import { standing, turnOff, turnOn } from "./device.ts";

const KEY = ["notices"] as const;

export function useNotices() {
  const { i18n, t } = useLingui();
  const toast = useToast();
  const { data } = useQuery({ queryKey: KEY, queryFn: standing });
  const change = useMutation({
    mutationFn: async (isOn: boolean) => {
      if (!isOn) await turnOff();
      else if ((await turnOn(i18n.locale as Language)) !== "granted") return;
      toast(isOn ? t`Notifications are on for this device.` : t`Notifications are off for this device.`);
    },
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
  return { standing: data, change };
}
