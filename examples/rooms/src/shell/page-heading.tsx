import { useEffect, useRef, type ReactNode } from 'react'

interface PageHeadingProps {
  title: string
  /** One sentence below the title. */
  children: ReactNode
}

/** Whether the page was arrived at by a link of its own, so that the focus is ours to move. */
let navigated = false
addEventListener('hashchange', () => (navigated = true))

/** The heading of a room. It takes the focus when the room is entered, so that a screen reader says where we are. */
export function PageHeading({ title, children }: PageHeadingProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (!navigated) return
    scrollTo(0, 0)
    heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <div className="page-heading">
      <title>{`${title} · Streamwell rooms`}</title>
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      <p>{children}</p>
    </div>
  )
}
