import { ServiceTurns } from './service-turns.ts'
import type { MultiplexedStream } from './multiplexed-stream.ts'

/** What is ready at one time is written at once, up to about so much. */
const WRITE_BYTES = 64 * 1024

/** So many streams are served before other connections get their turn. */
const TURNS_IN_A_ROW = 64

/** Takes the streams of one response in turn, and gives what there is to write. */
export class MultiplexService {
  readonly #turns = new ServiceTurns<MultiplexedStream>()
  readonly #onNews: () => void
  #left: number

  /**
   * @param count how many streams there are, all of which will be let in
   * @param onNews is called when there may be something to write
   */
  constructor(count: number, onNews: () => void) {
    this.#left = count
    this.#onNews = onNews
  }

  /** Nothing more comes of any stream. */
  get isOver(): boolean {
    return this.#left === 0
  }

  /** There is nothing to write, until `onNews`. */
  get isIdle(): boolean {
    return this.#turns.isEmpty
  }

  /** There may be news of `stream`; also said of each one at first. */
  readonly letIn = (stream: MultiplexedStream): void => {
    this.#turns.addNews(stream)
    this.#onNews()
  }

  /** What there is to write for those whose turn it is. Never rejects. */
  async serveSome(): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = []
    let length = 0
    for (let served = 0; served < TURNS_IN_A_ROW && length < WRITE_BYTES; served++) {
      const stream = this.#turns.next()
      if (!stream) break
      // News that came while it was told of its end.
      if (stream.isOver) continue
      const before = frames.length
      await stream.advance(frames, this.letIn)
      for (let i = before; i < frames.length; i++) length += frames[i]!.length
      if (stream.isOver) this.#left -= 1
      else if (stream.isBehind) this.#turns.addBacklog(stream)
    }
    return frames
  }
}
