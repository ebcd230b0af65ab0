import { BEGINNING } from '../../core/protocol.ts'
import { type Confirmed, initialConfirmed } from '../store/confirmed.ts'

/** What is known of a stream, and how far it has been read. */
export interface Progress<State> {
  readonly confirmed: Confirmed<State>
  readonly offset: string
  /** Which stream of this path it was, where the server says. */
  readonly life?: string | undefined
  /** Whether it was all there was, at some time. Until then it is half a history. */
  readonly isWhole: boolean
  /** Characters of events that went into it. */
  readonly characters: number
}

export function beginning<State>(initialState: State): Progress<State> {
  return {
    confirmed: initialConfirmed(initialState),
    offset: BEGINNING,
    isWhole: false,
    characters: 0,
  }
}
