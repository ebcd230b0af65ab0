import { type FormEvent, type ReactElement, useState } from 'react'
import { useServerReducer } from 'streamwell/react'
import { SHOPPING_KEY } from '../keys.ts'
import { newId } from '../new-id.ts'
import { countToBuy, nothingToBuy, shoppingReducer } from '../shopping.ts'

export function Shopping(): ReactElement {
  const [items, dispatch] = useServerReducer(shoppingReducer, nothingToBuy, SHOPPING_KEY)
  return (
    <section className="card shopping" aria-labelledby="shopping">
      <header>
        <h2 id="shopping">Shopping list</h2>
        <p className="hint">{countToBuy(items)}</p>
      </header>
      <NewItem add={(text) => dispatch({ type: 'add', id: newId(), text })} />
      {items.length === 0 && <p className="empty">Milk is always a good start.</p>}
      <ul aria-label="Shopping list">
        {items.map(({ id, text, isBought }) => (
          <li key={id} data-bought={isBought}>
            <label>
              <input
                type="checkbox"
                checked={isBought}
                onChange={() => dispatch({ type: 'tick', id, isBought: !isBought })}
              />
              <span>{text}</span>
            </label>
          </li>
        ))}
      </ul>
      {items.some(({ isBought }) => isBought) && (
        <button
          type="button"
          className="link-button"
          onClick={() => dispatch({ type: 'clear-bought' })}
        >
          Clear what is bought
        </button>
      )}
    </section>
  )
}

function NewItem({ add }: { add: (text: string) => void }): ReactElement {
  const [text, setText] = useState('')
  function submit(event: FormEvent): void {
    event.preventDefault()
    if (text.trim() === '') return
    add(text.trim())
    setText('')
  }
  return (
    <form className="row" onSubmit={submit}>
      <input
        className="field"
        aria-label="What to buy"
        placeholder="What is missing?"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button className="button">Add</button>
    </form>
  )
}
