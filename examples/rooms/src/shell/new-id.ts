/** 128 bits of chance. Unlike `crypto.randomUUID` it works on a phone that opens the page by plain http. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, '0')).join('')
}
