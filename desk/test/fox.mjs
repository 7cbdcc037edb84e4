// Debian's Firefox, driven by WebDriver BiDi.
import puppeteer from "puppeteer-core";

import { PATIENCE } from "./browser.mjs";

export const fox = () =>
  puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.SEALDESK_FIREFOX ?? "/usr/bin/firefox-esr",
    timeout: PATIENCE,
    protocolTimeout: PATIENCE,
  });
