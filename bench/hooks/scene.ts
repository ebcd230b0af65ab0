export type SubjectName = 'limit' | 'ours' | 'peer'
export type Framework = 'react' | 'solid'

/** Streams of the page. */
export const STREAMS = 50
export const HOOKS_PER_STREAM = 4
/** Updates of all streams together, per second. */
export const RATE = 100

/** Names of the streams of one round. */
export function keysOf(prefix: string): string[] {
  return Array.from({ length: STREAMS }, (_, n) => `${prefix}/k${n}`)
}

/** Of the counter that is clicked. */
export function ownKeyOf(prefix: string): string {
  return `${prefix}/own`
}
