/**
 * 128 random bits as 22 URL-safe characters. `crypto.randomUUID` is missing on pages that are not
 * served over HTTPS; `getRandomValues` is everywhere.
 */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}
