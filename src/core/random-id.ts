/**
 * 128 random bits in letters and digits. `crypto.randomUUID` is missing on pages that are not served
 * over HTTPS; `getRandomValues` is everywhere.
 */
export function randomId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-')
}
