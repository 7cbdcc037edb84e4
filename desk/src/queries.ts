// What the page has asked, kept in memory alone and asked again when the ledger says that something happened.
import { QueryClient } from "@tanstack/react-query";

/** For how long an answer is taken for new where the live stream is down. */
const STALE_MS = 30_000;

export const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: STALE_MS, retry: (failures, error) => failures < 1 && !(error as { away?: boolean }).away, refetchOnWindowFocus: true, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

export const keys = {
  inbox: ["inbox"] as const,
  role: ["role"] as const,
  sharedViews: ["shared views"] as const,
  ownViews: ["own views"] as const,
  ownDrafts: ["own drafts"] as const,
  ticket: (id: string) => ["ticket", id] as const,
  summary: (id: string, changed: string) => ["summary", id, changed] as const,
  members: (role: string) => ["members", role] as const,
  names: ["names"] as const,
  own: (address: string) => ["own-keys", address] as const,
  look: ["look"] as const,
  ownName: ["own-name"] as const,
  presence: ["presence"] as const,
  claimed: ["claimed"] as const,
  callers: ["callers"] as const,
  categories: ["categories"] as const,
  fileLimits: ["file limits"] as const,
  files: (id: string, changed: string) => ["files", id, changed] as const,
};
