import { serialize } from '../../core/encode.ts'

/** The action as every other reader gets it: what JSON drops is dropped here as well. */
export function asSent<Action>(action: Action): Action {
  return JSON.parse(serialize(action)) as Action
}
