import { readFile, rename, writeFile } from 'node:fs/promises'
import { DurableStream, IdempotentProducer, type ProducerState } from '../../src/core/index.ts'

/**
 * Appends for ever, in a process of its own, and says what it may rely on: it is killed in the midst
 * of it. Arguments: URL of the stream, file of the state, number of this run.
 */
const [url = '', file = '', run = ''] = process.argv.slice(2)

const store = {
  async load(): Promise<ProducerState | undefined> {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    return text === undefined ? undefined : (JSON.parse(text) as ProducerState)
  },
  async save(state: ProducerState): Promise<void> {
    await writeFile(`${file}.new`, JSON.stringify(state))
    await rename(`${file}.new`, file)
  },
}

async function main(): Promise<void> {
  const stream = new DurableStream<string>({ url, contentType: 'text/plain' })
  const producer = new IdempotentProducer(stream, 'p', { store, lingerMs: 0, maxBatchBytes: 40 })
  for (let n = 0; ; n++) {
    const value = `${run}:${n} `
    const accepted = producer.append(value)
    void accepted.then(() => process.stdout.write(value))
    if (n % 5 === 4) await accepted
  }
}

await main()
