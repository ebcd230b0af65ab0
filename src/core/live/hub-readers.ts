import type { HubBody } from './hub-body.ts'
import type { HubReader } from './hub-reader.ts'

/** All who ask for one stream, or read it. */
export interface HubReaders {
  readonly all: ReadonlySet<HubReader>
  add(reader: HubReader): HubReader
  /** Takes those who read already from others. */
  adopt(others: ReadonlySet<HubReader>): void
  forEachBody(act: (body: HubBody, reader: HubReader) => void): void
}

export function createReaders(onLeave: HubReader['onLeave']): HubReaders {
  const all = new Set<HubReader>()

  const add = (reader: HubReader): HubReader => {
    all.add(reader)
    reader.onLeave = (isDoubtful) => {
      all.delete(reader)
      onLeave(isDoubtful)
    }
    return reader
  }

  return {
    all,
    add,
    adopt(others) {
      for (const reader of others) {
        const { onLeave, body } = reader
        if (!body) continue
        add(reader)
        onLeave(false)
      }
    },
    forEachBody(act) {
      for (const reader of all) if (reader.body) act(reader.body, reader)
    },
  }
}
