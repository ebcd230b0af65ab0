import { AsyncLocalStorage } from 'node:async_hooks'
import { onTestFinished, vi } from 'vitest'
import type { Channel, Locks, TabsEnvironment } from '../../../src/core/live/tabs/environment.ts'

type Task = () => void

/** What happens to a message on its way to another tab. */
export type Fate = 'arrives' | 'lost' | 'twice' | 'late'

/** Tabs of one origin, with the locks and channels that they share, in virtual time. */
export interface SimulatedBrowser {
  openTab(): SimulatedTab
  /** What becomes of the next message; all arrive unless it says otherwise. */
  fate: (message: unknown) => Fate
  /** The names of locks that are held, and of channels that are open. */
  readonly locks: readonly string[]
  readonly channels: readonly string[]
  /** How many messages were delivered. */
  readonly delivered: number
}

export interface SimulatedTab {
  environment: TabsEnvironment
  isHidden: boolean
  /** Runs as the code of this tab, whose timers, messages and locks it has. */
  run<Result>(act: () => Result): Result
  /** A task of its event loop, as an answer from the network is. */
  task(act: Task): void
  /** What the page is told, such as `pagehide`. */
  tell(event: string): void
  /** Its event loop stands still: it takes nothing, until it goes on. */
  hang(): void
  goOn(): void
  /** Ends it without a word. */
  crash(): void
  /** Is called when it ends. */
  onEnd: Task[]
}

const MESSAGE_MS = 1
const LATE_MS = 150

/** The tab whose code runs. */
const current = new AsyncLocalStorage<SimulatedTab>()

export const currentTab = (): SimulatedTab | undefined => current.getStore()

/** Runs as no code of a tab: as the server's, or the test's. */
export const outside: <Result>(act: () => Result) => Result = (act) => current.exit(act)

/** Ends with the calling test, which goes by virtual time from now on. */
export function simulateBrowser(send: (tab: SimulatedTab) => typeof fetch): SimulatedBrowser {
  const later = enterVirtualTime()
  const locks = createLocks()
  const channels = createChannels(later)
  return {
    openTab: () => openTab(locks, channels, send),
    get fate() {
      return channels.fate
    },
    set fate(fate) {
      channels.fate = fate
    },
    get locks() {
      return [...locks.holders.keys()]
    },
    get channels() {
      return [...channels.ports].map(({ name }) => name)
    },
    get delivered() {
      return channels.delivered
    },
  }
}

type SetTimer = (act: Task, ms?: number) => unknown

/** @returns what sets a timer of no tab. */
function enterVirtualTime(): SetTimer {
  if (!vi.isFakeTimers()) {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    })
    const { setTimeout, setInterval, clearTimeout } = globalThis
    const cleared = new WeakSet<object>()
    // A timer is a task of the tab that set it.
    const inTab =
      (set: SetTimer): SetTimer =>
      (act, ms) => {
        const tab = current.getStore()
        if (!tab) return set(act, ms)
        const timer = set(() => tab.task(() => cleared.has(timer) || act()), ms) as object
        return timer
      }
    // A tab that hangs has not run what was due: it may yet be cleared.
    const clear = (timer: NodeJS.Timeout | undefined): void => {
      if (timer) cleared.add(timer)
      clearTimeout(timer)
    }
    Object.assign(globalThis, {
      setTimeout: inTab(setTimeout),
      setInterval: inTab(setInterval),
      clearTimeout: clear,
    })
    onTestFinished(() => {
      Object.assign(globalThis, { setTimeout, setInterval, clearTimeout })
      vi.useRealTimers()
    })
  }
  return (act, ms) => outside(() => setTimeout(act, ms))
}

function openTab(
  locks: LockTable,
  channels: Channels,
  send: (tab: SimulatedTab) => typeof fetch,
): SimulatedTab {
  const held: Task[] = []
  const listeners = new Map<string, Set<Task>>()
  let isAlive = true
  let hangs = false

  const tab: SimulatedTab = {
    environment: {
      locks: { request: (...asked) => locks.request(tab, ...asked) },
      openChannel: (name) => channels.open(tab, name),
      digest: async (text) => `digest of ${text}`,
      get send() {
        return own
      },
      isHidden: () => tab.isHidden,
      onPageEvents(types, listener, signal) {
        for (const type of types) {
          const its = listeners.get(type) ?? new Set()
          listeners.set(type, its.add(listener))
          signal.addEventListener('abort', () => its.delete(listener))
        }
      },
    },
    isHidden: false,
    run: (act) => current.run(tab, act),
    task(act) {
      if (!isAlive) return
      if (hangs) held.push(act)
      else current.run(tab, act)
    },
    tell(event) {
      tab.task(() => {
        for (const listener of listeners.get(event) ?? []) listener()
      })
    },
    hang: () => void (hangs = true),
    goOn() {
      hangs = false
      for (const act of held.splice(0)) tab.task(act)
    },
    crash() {
      isAlive = false
      locks.leave(tab)
      channels.leave(tab)
      for (const act of tab.onEnd) act()
    },
    onEnd: [],
  }
  const own = send(tab)
  return tab
}

type LockRequest = Parameters<Locks['request']>

interface Claim {
  tab: SimulatedTab
  name: string
  take: LockRequest[2]
  settle: { resolve: (value: unknown) => void; reject: (error: unknown) => void }
}

interface LockTable {
  holders: Map<string, Claim>
  request(tab: SimulatedTab, ...asked: LockRequest): Promise<unknown>
  leave(tab: SimulatedTab): void
}

function createLocks(): LockTable {
  const holders = new Map<string, Claim>()
  const queues = new Map<string, Claim[]>()
  const queueOf = (name: string): Claim[] => {
    const queue = queues.get(name) ?? []
    queues.set(name, queue)
    return queue
  }
  const grant = (claim: Claim): void => {
    const { tab, name, take, settle } = claim
    holders.set(name, claim)
    const release = (): void => {
      if (holders.get(name) === claim) pass(name)
    }
    tab.task(() => {
      void Promise.resolve({ name }).then(take).then(settle.resolve, settle.reject).then(release)
    })
  }
  const pass = (name: string): void => {
    holders.delete(name)
    const next = queueOf(name).shift()
    if (next) grant(next)
  }

  return {
    holders,
    request: (tab, name, { ifAvailable, steal, signal }, take) =>
      new Promise((resolve, reject) => {
        const claim: Claim = { tab, name, take, settle: { resolve, reject } }
        const holder = holders.get(name)
        if (signal?.aborted) return reject(signal.reason)
        if (steal) {
          const stolen = new DOMException('Lock was stolen', 'AbortError')
          holder?.tab.task(() => holder.settle.reject(stolen))
          return grant(claim)
        }
        if (!holder) return grant(claim)
        if (ifAvailable) {
          return tab.task(() => void Promise.resolve(null).then(take).then(resolve, reject))
        }
        queueOf(name).push(claim)
        signal?.addEventListener('abort', () => {
          const queue = queueOf(name)
          if (!queue.includes(claim)) return
          queue.splice(queue.indexOf(claim), 1)
          reject(signal.reason)
        })
      }),
    leave(tab) {
      for (const [name, queue] of queues) {
        queues.set(
          name,
          queue.filter((claim) => claim.tab !== tab),
        )
      }
      for (const [name, holder] of holders) if (holder.tab === tab) pass(name)
    },
  }
}

interface Port {
  tab: SimulatedTab
  name: string
  channel: Channel
}

interface Channels {
  ports: Set<Port>
  fate: (message: unknown) => Fate
  delivered: number
  open(tab: SimulatedTab, name: string): Channel
  leave(tab: SimulatedTab): void
}

function createChannels(later: SetTimer): Channels {
  const ports = new Set<Port>()
  const deliver = (port: Port, data: unknown, ms: number): void => {
    const take = (): void => {
      if (!ports.has(port)) return
      channels.delivered++
      port.channel.onmessage?.({ data })
    }
    later(() => port.tab.task(take), ms)
  }
  const channels: Channels = {
    ports,
    fate: () => 'arrives',
    delivered: 0,
    open(tab, name) {
      let isClosed = false
      const channel: Channel = {
        onmessage: null,
        postMessage(message) {
          if (isClosed) throw new DOMException('Channel is closed', 'InvalidStateError')
          // Whoever crashed says nothing more.
          if (!ports.has(port)) return
          for (const other of ports) {
            if (other.name !== name || other === port) continue
            const fate = channels.fate(message)
            if (fate !== 'lost') {
              deliver(other, structuredClone(message), fate === 'late' ? LATE_MS : MESSAGE_MS)
            }
            if (fate === 'twice') deliver(other, structuredClone(message), MESSAGE_MS + 1)
          }
        },
        close() {
          isClosed = true
          ports.delete(port)
        },
      }
      const port: Port = { tab, name, channel }
      ports.add(port)
      return channel
    },
    leave(tab) {
      for (const port of ports) if (port.tab === tab) ports.delete(port)
    },
  }
  return channels
}
