import type { ReactNode } from 'react'
import { hrefTo } from '../shell/route.ts'
import type { Edge } from './use-edges.ts'

interface EdgeListProps {
  title: string
  edges: readonly Edge[]
}

export function EdgeList({ title, edges }: EdgeListProps): ReactNode {
  return (
    <>
      <h3>
        {title} <small>{edges.length}</small>
      </h3>
      <ul className="edges" aria-label={title}>
        {edges.map(({ id, path, name, version, range, kind }) => (
          <li key={id}>
            {path === undefined ? (
              <span>{name}</span>
            ) : (
              <a href={hrefTo('board', path)}>
                {name} {version}
              </a>
            )}
            <small title={range}>
              {path === undefined && 'not installed · '}
              {kind !== 'prod' && `${kind} · `}
              {range}
            </small>
          </li>
        ))}
      </ul>
    </>
  )
}
