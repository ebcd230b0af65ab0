import { useEffect, useState, type ReactNode } from 'react'
import { useReportStatus } from '../shell/connection.tsx'
import { Opening } from '../shell/opening.tsx'
import { PageHeading } from '../shell/page-heading.tsx'
import { Conversation } from './conversation.tsx'
import { claimPerson, savePerson } from './identity.ts'
import type { Person } from './person.ts'
import { useRoom } from './room.ts'
import '../styles/chat.css'

/** One tab is one person, for as long as the tab lives. */
let claimed: Promise<Person> | undefined

export default function ChatRoom(): ReactNode {
  const { db: room, isReady, status } = useRoom()
  const [me, setMe] = useState<Person>()
  useReportStatus(status)
  useEffect(() => {
    claimed ??= claimPerson(sessionStorage, navigator.locks)
    void claimed.then(setMe)
  }, [])

  function rename(name: string): void {
    if (!me) return
    const renamed = { ...me, name }
    savePerson(sessionStorage, renamed)
    claimed = Promise.resolve(renamed)
    setMe(renamed)
  }
  return (
    <>
      <PageHeading title="Chat">
        People, messages and reactions: three kinds of rows in one stream, joined live. And who is
        here.
      </PageHeading>
      {isReady && me ? (
        <Conversation room={room} me={me} onRename={rename} />
      ) : (
        <Opening what="room" status={status} />
      )}
    </>
  )
}
