/**
 * The reducer of a single value: its action is the next value. A store that is made with it keeps
 * one value and no list of actions; its `update` takes functions, as the setter of `useState` does.
 */
export function setStateReducer<State>(_state: State, value: State): State {
  return value
}
