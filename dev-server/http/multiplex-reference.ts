import { MULTIPLEX, MULTIPLEX_PATH } from '../../src/core/protocol.ts'

/** By how deep a stream lies: the header of every read, made once. */
const announcements: Readonly<Record<string, string>>[] = []

/**
 * Says where the stream at `path` can be read live together with others: relative to the stream's
 * own URL, so that it is true whatever a proxy makes of paths. docs/protocol-extensions.md.
 */
export function announceMultiplex(path: string): Readonly<Record<string, string>> {
  let depth = 0
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) depth += 1
  return (announcements[depth] ??= { [MULTIPLEX]: `${'../'.repeat(depth)}${MULTIPLEX_PATH}` })
}
