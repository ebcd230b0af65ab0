import { eq } from '@tanstack/db'
import { useLiveQuery } from '@tanstack/react-db'
import { cleanup, render, screen } from '@testing-library/react'
import { type ReactElement, StrictMode } from 'react'
import { afterEach, expect, it } from 'vitest'
import type { StreamDB } from 'streamwell/state'
import { type ChatDefinition, chatUrl, openChat, schema, someoneElse } from '../state/chat.ts'
import { eventually } from '../support/eventually.ts'

afterEach(cleanup)

function Messages({ db }: { db: StreamDB<ChatDefinition> }): ReactElement {
  const { users, messages } = db.collections
  const { data } = useLiveQuery((q) =>
    q
      .from({ message: messages })
      .join({ user: users }, ({ message, user }) => eq(message.userId, user.id), 'inner')
      .orderBy(({ message }) => message.id)
      .select(({ message, user }) => ({ id: message.id, text: message.text, name: user.name })),
  )
  return (
    <ul>
      {data.map(({ id, name, text }) => (
        <li key={id}>{`${name}: ${text}`}</li>
      ))}
    </ul>
  )
}

const shown = (): (string | null)[] =>
  screen.queryAllByRole('listitem').map(({ textContent }) => textContent)

it('a React component shows what its query joins, as it comes and as it is written', async () => {
  const url = await chatUrl()
  const other = await someoneElse(url)
  await other.appendAll([
    schema.users.insert({ value: { id: 'ada', name: 'Ada' } }),
    schema.messages.insert({ value: { id: 'm1', userId: 'ada', text: 'Hello' } }),
  ])
  const db = openChat(url)
  render(
    <StrictMode>
      <Messages db={db} />
    </StrictMode>,
  )
  await eventually(() => expect(shown()).toEqual(['Ada: Hello']))

  const write = db.collections.messages.insert({ id: 'm2', userId: 'ada', text: 'Again' })
  await eventually(() => expect(shown()).toEqual(['Ada: Hello', 'Ada: Again']))
  await write.isPersisted.promise
  await other.append(schema.users.update({ value: { id: 'ada', name: 'Countess' } }))
  await eventually(() => expect(shown()).toEqual(['Countess: Hello', 'Countess: Again']))
})
