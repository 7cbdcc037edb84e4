// What staff need beyond a customer as soon as they are here: one file, which is fetched for them alone.
export { default as CannedMenu } from "../conversation/staff/CannedMenu.tsx";
export { DueFact } from "../conversation/staff/DueFact.tsx";
export { Unfilled } from "../conversation/staff/Unfilled.tsx";
export { MayNotReply } from "../conversation/staff/MayNotReply.tsx";
export { default as SendMenu } from "../conversation/staff/SendMenu.tsx";
export { default as StaffActions } from "../conversation/staff/StaffActions.tsx";
export { Presence } from "../presence/Presence.tsx";
export { MissingKey } from "../people/MissingKey.tsx";
export { Queue } from "../queue/Queue.tsx";
