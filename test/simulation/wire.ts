import type { Chance } from './chance.ts'
import type { VirtualClock } from './clock.ts'

type Bytes = Uint8Array<ArrayBuffer>

export interface WireOptions {
  clock: VirtualClock
  chance: Chance
  /** It ended, broke, or its reader went away. */
  onOver: () => void
  onSplitCharacter: () => void
  /** Who reads may be unable to. */
  gate: (run: () => void) => void
}

/** The body of one answer on its way: what is sent arrives in pieces cut anywhere, in order. */
export class Wire {
  readonly stream: ReadableStream<Bytes>
  #options: WireOptions
  #arrived: (Bytes | Error | 'end')[] = []
  #controller!: ReadableStreamDefaultController<Bytes>
  #wake: (() => void) | undefined
  #lastAt = 0
  #onTheWay = 0
  #isOver = false

  constructor(options: WireOptions) {
    this.#options = options
    this.stream = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#pull(),
        cancel: () => this.#over(),
      },
      { highWaterMark: 0 },
    )
  }

  send(bytes: Bytes): void {
    const { chance } = this.#options
    let start = 0
    while (start < bytes.length) {
      const rest = bytes.length - start
      const end = start + (chance.happens(0.5) ? rest : chance.between(1, rest))
      if (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) this.#options.onSplitCharacter()
      this.#arrive(bytes.slice(start, end))
      start = end
    }
  }

  end(): void {
    this.#arrive('end')
  }

  /** Breaks once what was sent has arrived. */
  break(): void {
    this.#arrive(new TypeError('terminated'))
  }

  /** Breaks at once. */
  fail(reason: unknown): void {
    if (this.#isOver) return
    this.#over()
    this.#controller.error(reason)
    this.#wake?.()
  }

  #arrive(piece: Bytes | Error | 'end'): void {
    const { clock, chance, gate } = this.#options
    // Most pieces come at once, some after those before them.
    const delayMs = chance.happens(0.8) ? 0 : chance.between(1, 30)
    this.#lastAt = Math.max(this.#lastAt, clock.now + delayMs)
    const arrive = (): void =>
      gate(() => {
        this.#arrived.push(piece)
        this.#wake?.()
      })
    // Never before a piece that is due now but not there yet.
    if (this.#lastAt === clock.now && this.#onTheWay === 0) return arrive()
    this.#onTheWay++
    clock.after(this.#lastAt - clock.now, () => {
      this.#onTheWay--
      arrive()
    })
  }

  async #pull(): Promise<void> {
    if (this.#arrived.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    if (this.#isOver) return
    const piece = this.#arrived.shift()!
    if (piece === 'end') {
      this.#over()
      this.#controller.close()
    } else if (piece instanceof Error) {
      this.#over()
      this.#controller.error(piece)
    } else this.#controller.enqueue(piece)
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.onOver()
    this.#wake?.()
  }
}
