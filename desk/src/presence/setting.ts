// Whether this person shows colleagues what they look at, and sees what colleagues do: a switch of this browser.
import { kept } from "../kit/localSetting.ts";

const setting = kept("presence");

export const setShows = (isOn: boolean): void => setting.set(isOn ? null : "off");

export const useShows = (): boolean => setting.use() !== "off";
