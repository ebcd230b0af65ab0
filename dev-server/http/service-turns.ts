/**
 * Who is served next among those that share one response. Those with news come first, each in the
 * order of their news; of those with a backlog one is served between two rounds of the others. So
 * news waits for one frame of somebody's backlog at most, and no backlog for ever.
 */
export class ServiceTurns<Member> {
  readonly #news = new Set<Member>()
  readonly #backlog = new Set<Member>()
  /** Of the present round: how many are served before one with a backlog is. */
  #leftInRound = 0

  get isEmpty(): boolean {
    return this.#news.size === 0 && this.#backlog.size === 0
  }

  /** Something may be there for `member`. */
  addNews(member: Member): void {
    if (!this.#backlog.has(member)) this.#news.add(member)
  }

  /** More is there for `member` than one frame holds. */
  addBacklog(member: Member): void {
    this.#news.delete(member)
    this.#backlog.add(member)
  }

  /** Takes out who is served next. */
  next(): Member | undefined {
    const isBacklogsTurn = this.#leftInRound <= 0 && this.#backlog.size > 0
    if (isBacklogsTurn || this.#news.size === 0) {
      this.#leftInRound = this.#news.size
      return takeFirst(this.#backlog)
    }
    this.#leftInRound -= 1
    return takeFirst(this.#news)
  }
}

function takeFirst<Member>(members: Set<Member>): Member | undefined {
  for (const member of members) {
    members.delete(member)
    return member
  }
  return undefined
}
