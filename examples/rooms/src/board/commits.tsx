import { useLiveQuery } from '@tanstack/react-db'
import { memo, type ReactNode } from 'react'
import type { Board } from './board.ts'
import { formatDay } from './format.ts'

const SHOWN = 8

export const Commits = memo(function Commits({ board }: { board: Board }): ReactNode {
  const { data } = useLiveQuery({
    queryKey: ['commits', board.collections.commits.id],
    query: (q) =>
      q
        .from({ commit: board.collections.commits })
        .orderBy(({ commit }) => commit.date, 'desc')
        .orderBy(({ commit }) => commit.hash),
  })
  return (
    <section className="side-card card" aria-labelledby="commits-title">
      <h2 id="commits-title">Recent commits</h2>
      <ol className="commits">
        {data.slice(0, SHOWN).map(({ hash, subject, author, date, fileCount, files }) => (
          <li key={hash}>
            <p>{subject}</p>
            <small title={files.join('\n')}>
              <code>{hash.slice(0, 7)}</code> · {author} ·{' '}
              <time dateTime={date}>{formatDay(date)}</time> · {fileCount}{' '}
              {fileCount === 1 ? 'file' : 'files'}
            </small>
          </li>
        ))}
      </ol>
    </section>
  )
})
