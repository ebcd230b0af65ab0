import type { ReactNode } from 'react'

/** The heart of this room, as its file has it. */
export function Snippet(): ReactNode {
  return (
    <section className="snippet card" aria-labelledby="snippet-title">
      <h2 id="snippet-title">This is all it takes</h2>
      <pre tabIndex={0}>
        <code>
          {'import { '}
          <mark>useServerState</mark>
          {" } from 'streamwell/react'\n\nfunction Counter() {\n  const [count, setCount] = "}
          <mark>useServerState</mark>
          {
            "(0, 'rooms/counter')\n\n  return (\n    <button onClick={() => setCount((n) => n + 1)}>\n      {count}\n    </button>\n  )\n}"
          }
        </code>
      </pre>
    </section>
  )
}
