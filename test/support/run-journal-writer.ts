import { filePersistence } from '../../src/state/persistence/file/index.ts'

/** Writes steps of two records each to a journal, for ever, and tells of each that is on the disk. */
const [folder = ''] = process.argv.slice(2)
const persistence = filePersistence({ folder })
const release = await persistence.lock('a', { wait: true })
if (!release) throw new Error('Waiting for a lock ended without it')
const journal = await persistence.open('a')
const held = await journal.read()
console.log(`read ${held.length}`)
let next = held.length / 2

for (;;) {
  const filling = 'x'.repeat((next * 997) % 20_000)
  // Now and then all of it is written anew.
  if (next % 25 === 24) await journal.replace(await journal.read())
  await journal.append([`${next} first ${filling}`, `${next} second ${filling}`])
  console.log(`wrote ${++next}`)
}
