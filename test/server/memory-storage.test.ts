import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryStorage, type StreamRecord } from '../../dev-server/index.ts'
import { describeStorage } from '../support/storage-suite.ts'

describe('memory storage', () => {
  describeStorage(memoryStorage)

  it('keeps a million messages of 100 bytes in at most 1.5 times their bytes', async () => {
    const storage = memoryStorage()
    onTestFinished(() => storage.close())
    const append = new TextEncoder().encode(`${JSON.stringify('x'.repeat(96))},\n`)
    const record: StreamRecord = {
      id: 'first',
      contentType: 'application/json',
      tail: 0,
      closed: false,
      expiry: { kind: 'never' },
    }
    const before = process.memoryUsage().arrayBuffers
    await storage.update('a', () => ({ outcome: undefined, change: { kind: 'create', record } }))
    for (let i = 0; i < 1_000_000; i++) {
      await storage.update('a', (found) => {
        const after = { ...found!, tail: found!.tail + append.length }
        return { outcome: undefined, change: { kind: 'update', record: after, append } }
      })
    }
    const used = process.memoryUsage().arrayBuffers - before
    expect(used).toBeLessThanOrEqual(1.5 * 1_000_000 * append.length)
  })
})
