import { createSharedStore, outbox } from '../../src/state/store/index.ts'
import { filePersistence } from '../../src/state/persistence/file/index.ts'

/**
 * A page in a process of its own, which is killed in the midst of what it does: it writes for ever,
 * or only until what was left to it is stored. It says what it has seen in the stream. Arguments: URL
 * of the stream, folder of the outbox, number of this run, how many words it writes.
 */
const [url = '', folder = '', run = '', words = '0'] = process.argv.slice(2)

const store = createSharedStore<readonly string[], string>({
  url,
  reducer: (list, word) => [...list, word],
  initialState: [],
  outbox: outbox(filePersistence({ folder })),
})
const leave = store.subscribe(() => {
  const { state, pending, status } = store.getSnapshot()
  if (status.kind !== 'live') return
  process.stdout.write(`${state.length - pending}\n`)
  if (pending === 0 && (words === '0' || state.includes(`${run}:${Number(words) - 1}`))) leave()
})

async function write(): Promise<void> {
  for (let n = 0; n < Number(words); n++) {
    store.dispatch(`${run}:${n}`)
    // Sometimes some at once, sometimes one by one.
    if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5 + (n % 7)))
  }
}

await write()
