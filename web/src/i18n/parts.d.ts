// A language in three parts; scripts/sections.mjs says what is in which.
declare module '*.json?workspace' {
  const words: object
  export default words
}
declare module '*.json?admin' {
  const words: object
  export default words
}
declare module '*.json?server' {
  const words: object
  export default words
}
