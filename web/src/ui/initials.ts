/** First letters of the first and last word; of a Japanese name the first character. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const first = [...(words[0] ?? '')][0] ?? ''
  if (/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/u.test(first) || words.length < 2)
    return first.toUpperCase()
  return (first + [...words.at(-1)!][0]).toUpperCase()
}
