import { unpackChromium } from '../support/chromium.ts'

/** Unpacks the browser before the clock of the first test runs. */
export default async function setup(): Promise<void> {
  await unpackChromium()
}
