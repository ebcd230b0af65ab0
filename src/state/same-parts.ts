/**
 * Whether two values are one, or objects or lists of the same parts. What has no parts of its own, such
 * as a date or a set, is not looked into.
 */
export function hasSameParts(one: unknown, other: unknown): boolean {
  const names = Object.keys(Object(one) as object) as never[]
  return (
    Object.is(one, other) ||
    (typeof one === typeof other &&
      (names.length > 0 || Array.isArray(one)) &&
      names.length === Object.keys(Object(other) as object).length &&
      names.every((name) => Object.is((one as object)[name], (other as object)[name])))
  )
}
