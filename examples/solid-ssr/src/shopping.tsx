import { createSignal, For, type JSX, Show } from 'solid-js'
import { useServerReducer } from 'streamwell/solid'
import { SHOPPING_KEY } from '../../door/keys.ts'
import { newId } from '../../door/new-id.ts'
import { countToBuy, nothingToBuy, shoppingReducer } from '../../door/shopping.ts'

export function Shopping(): JSX.Element {
  const [items, dispatch] = useServerReducer(shoppingReducer, nothingToBuy, SHOPPING_KEY)
  return (
    <section class="card shopping" aria-labelledby="shopping">
      <header>
        <h2 id="shopping">Shopping list</h2>
        <p class="hint">{countToBuy(items())}</p>
      </header>
      <NewItem add={(text) => dispatch({ type: 'add', id: newId(), text })} />
      <Show when={items().length === 0}>
        <p class="empty">Milk is always a good start.</p>
      </Show>
      <ul aria-label="Shopping list">
        <For each={items()}>
          {({ id, text, isBought }) => (
            <li data-bought={isBought}>
              <label>
                <input
                  type="checkbox"
                  checked={isBought}
                  onChange={() => dispatch({ type: 'tick', id, isBought: !isBought })}
                />
                <span>{text}</span>
              </label>
            </li>
          )}
        </For>
      </ul>
      <Show when={items().some(({ isBought }) => isBought)}>
        <button
          type="button"
          class="link-button"
          onClick={() => dispatch({ type: 'clear-bought' })}
        >
          Clear what is bought
        </button>
      </Show>
    </section>
  )
}

function NewItem(props: { add: (text: string) => void }): JSX.Element {
  const [text, setText] = createSignal('')
  function submit(event: SubmitEvent): void {
    event.preventDefault()
    if (text().trim() === '') return
    props.add(text().trim())
    setText('')
  }
  return (
    <form class="row" onSubmit={submit}>
      <input
        class="field"
        aria-label="What to buy"
        placeholder="What is missing?"
        value={text()}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button class="button">Add</button>
    </form>
  )
}
