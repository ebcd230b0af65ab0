/** Gives back what nobody needs, so that what a process holds can be told. Needs `--expose-gc`. */
export function collectGarbage(): void {
  // Some of it is only seen as such once other parts are gone.
  for (let i = 0; i < 3; i++) globalThis.gc!()
}
