import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework } from './framework.ts'

/** What hooks promise, in every framework. */
export function hookContract({ name, openPage }: HookFramework): void {
  describe(`a state that is shared, in ${name}`, () => {
    it('shows what is set at once, and on every other page', async () => {
      const { url: serverUrl } = await startServer()
      const one = openPage({ serverUrl }).state({ initial: 0, key: 'count', reads: ['status'] })
      const other = openPage({ serverUrl }).state({ initial: 0, key: 'count' })
      await eventually(() => expect(one.meta.status.kind).toBe('live'))

      one.write((count) => count + 1)
      expect(one.value).toBe(1)
      await eventually(() => expect(other.value).toBe(1))
    })
  })
}
