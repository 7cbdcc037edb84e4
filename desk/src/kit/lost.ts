// A part of the page whose file cannot be had: its node serves a newer page by now, or does not answer. The page goes on without it, and says so in one
// line (offline/Newer.tsx). Until that line is there, it is an error as any.
import { type ComponentProps, type ComponentType, createElement, lazy as asReactDoes, type ReactNode, useEffect, useReducer } from "react";

// Of whatever properties.
type Part = ComponentType<any>;

let heard: (() => void) | undefined;

/** Says who is told of it. */
export function onLost(hear: () => void): void {
  heard = hear;
}

/** Tells it, or throws what went wrong where nobody hears. */
export function lost(error: unknown): void {
  if (!heard) throw error;
  heard();
}

/** As React's, but for a part that cannot be had: `instead` stands in its place, or nothing. */
export const lazy = <T extends Part>(load: () => Promise<{ default: T }>, instead: ComponentType<ComponentProps<T>> = () => null) =>
  asReactDoes(() =>
    load().catch((error: unknown) => {
      lost(error);
      return { default: instead as T };
    }),
  );

/** The same of a place of the desk, which is asked for again whenever somebody comes there. It is there before it is shown. */
export function place(load: () => Promise<ComponentType>): (() => ReactNode) & { preload(): Promise<void> } {
  let part: ComponentType | undefined;
  const preload = () =>
    load().then((it) => {
      part = it;
    }, lost);
  function Place() {
    const [, show] = useReducer((times: number) => times + 1, 0);
    useEffect(() => {
      if (!part) void preload().then(show);
    }, []);
    return part ? createElement(part) : null;
  }
  return Object.assign(Place, { preload });
}
