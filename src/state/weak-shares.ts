/** Things of one page that are known by what they were made of, for as long as somebody holds them. */
export interface WeakShares<Thing extends object> {
  /** @param identity equal, value by value, for what is the same. */
  find: (identity: readonly unknown[], create: () => Thing) => Thing
}

export function createWeakShares<Thing extends object>(): WeakShares<Thing> {
  const known = new Map<readonly unknown[], WeakRef<Thing>>()
  return {
    find(identity, create) {
      for (const [other, ref] of known) {
        const thing = ref.deref()
        if (!thing) known.delete(other)
        else if (isEqual(other, identity)) return thing
      }
      const thing = create()
      known.set(identity, new WeakRef(thing))
      return thing
    },
  }
}

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => Object.is(value, b[index]))
}
