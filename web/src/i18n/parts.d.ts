// A language in parts; scripts/words.mjs says what is in which.
declare module '*.json?first' {
  const words: object
  export default words
}
declare module '*.json?server' {
  const words: object
  export default words
}
