// Whether single keys do something, kept in this browser: whoever speaks to their computer, or leans on the keyboard, turns them off.
import { kept } from "../kit/localSetting.ts";

const setting = kept("single-keys");

export const singleKeys = (): boolean => setting.get() !== "off";

export const setSingleKeys = (isOn: boolean): void => setting.set(isOn ? null : "off");

export const useSingleKeys = (): boolean => setting.use() !== "off";
