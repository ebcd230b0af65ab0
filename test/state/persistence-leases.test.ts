import { expect, it } from 'vitest'
import { createLeaseLocks, type Lease } from '../../src/state/persistence/lease-locks.ts'
import type { Persistence } from '../../src/state/persistence/persistence.ts'

/** Tabs that share one database of leases, and one clock. */
function openTabs(): { newTab: () => Persistence['lock']; pass: (ms: number) => void } {
  const leases = new Map<string, Lease>()
  let time = 1_000_000
  const newTab = (): Persistence['lock'] =>
    createLeaseLocks({
      async update(name, decide) {
        const next = decide(leases.get(name))
        if (next) leases.set(name, next)
      },
      remove: async (name) => void leases.delete(name),
      now: () => time,
    })
  return { newTab, pass: (ms) => (time += ms) }
}

it('a tab that crashed holds its locks for a while, and no longer', async () => {
  const { newTab, pass } = openTabs()
  const [crashed, other] = [newTab(), newTab()]
  expect(await crashed('a', { wait: false })).toBeDefined()
  pass(89_000)
  expect(await other('a', { wait: false })).toBeUndefined()
  pass(2_000)
  const release = await other('a', { wait: false })
  expect(release).toBeDefined()
  expect(await newTab()('a', { wait: false })).toBeUndefined()
  release!()
  const next = await newTab()('a', { wait: false })
  expect(next).toBeDefined()
  next!()
})

it('a lock is not lost on the way when asking for it fails', async () => {
  let isBroken = true
  const lock = createLeaseLocks({
    async update(_name, decide) {
      if (isBroken) throw new Error('Broken')
      decide(undefined)
    },
    remove: async () => {},
  })
  await expect(lock('a', { wait: true })).rejects.toThrow('Broken')
  isBroken = false
  const release = await lock('a', { wait: false })
  expect(release).toBeDefined()
  release!()
})
