import { CLOSED, NEXT_OFFSET } from '../../src/core/protocol.ts'
import { formatOffset } from '../operations/offset.ts'
import type { StreamRecord } from '../storage/storage.ts'

/** The tail, and whether it is the last one. */
export function tailHeaders({
  tail,
  closed,
}: Pick<StreamRecord, 'tail' | 'closed'>): Record<string, string> {
  const offset = { [NEXT_OFFSET]: formatOffset(tail) }
  return closed ? { ...offset, [CLOSED]: 'true' } : offset
}
