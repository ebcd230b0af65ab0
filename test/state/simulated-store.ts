import { type LogItem, parseItem, type StoreKind, toEvent } from '../../src/state/store/entry.ts'
import { withdraw } from '../../src/state/store/rebase.ts'
import { receive } from '../../src/state/store/receive.ts'
import {
  createReplica,
  deliver,
  type Replica,
  type Rules,
  shownState,
  write,
} from '../../src/state/store/replica.ts'

/** A reader and writer of a log in memory, whose network does what a test says. */
export class SimulatedClient<State, Action> {
  replica: Replica<State, Action>
  #kind: StoreKind
  #log: string[]
  #rules: Rules<State, Action>
  #read = 0
  /** Requests on their way, oldest first. */
  #requests: { txids: Set<string>; events: string[] }[] = []

  constructor(kind: StoreKind, log: string[], rules: Rules<State, Action>) {
    this.#kind = kind
    this.#log = log
    this.#rules = rules
    this.replica = createReplica(rules.initialState)
  }

  get shown(): State {
    return shownState(this.replica)
  }

  get isIdle(): boolean {
    return this.#requests.length === 0 && this.#read === this.#log.length
  }

  act(action: Action, compute?: (state: State) => Action): void {
    this.#send(write(this.replica, this.#rules, { action, compute }))
  }

  /** The oldest request reaches the server, which stores it. */
  store(): void {
    const request = this.#requests.shift()
    if (!request) return
    this.#log.push(...request.events)
    const { txids } = request
    this.replica = deliver(this.replica, { from: 'sent', to: 'stored', txids })
  }

  /** The oldest request reaches the server, which refuses it. @returns how many writes it took back. */
  refuse(): number {
    const request = this.#requests.shift()
    if (!request) return 0
    const taken = this.replica.pending.filter(({ txid }) => request.txids.has(txid)).length
    this.#send(withdraw(this.replica, this.#rules, request.txids).replica)
    return taken
  }

  receive(count: number): void {
    const events = this.#log.slice(this.#read, this.#read + count)
    this.#read += events.length
    const items = events.map((text): LogItem<Action> => parseItem(this.#kind, JSON.parse(text)))
    this.#send(receive(this.replica, this.#rules, items).replica)
  }

  #send(replica: Replica<State, Action>): void {
    const waiting = replica.pending.filter(({ delivery }) => delivery === 'waiting')
    this.replica = deliver(replica, { from: 'waiting', to: 'sent' })
    if (waiting.length === 0) return
    const events = waiting.map((entry) => JSON.stringify(toEvent(this.#kind, entry)))
    this.#requests.push({ txids: new Set(waiting.map(({ txid }) => txid)), events })
  }
}

/** Lets the network carry everything, until nothing is on its way. */
export function drain(clients: readonly SimulatedClient<never, never>[]): void {
  for (let round = 0; round < 10_000; round++) {
    if (clients.every((client) => client.isIdle)) return
    for (const client of clients) {
      client.store()
      client.receive(Infinity)
    }
  }
  throw new Error('The clients never come to rest')
}
