// Where panes become pages, and where three columns become two.
export const narrow = '@media (max-width: 720px)'
export const medium = '@media (max-width: 1100px)'
// A browser at 200 %, or a telephone on its side.
export const short = '@media (max-height: 600px)'
// Fingers instead of a mouse: ui/touch.ts has the rules for Fluent's parts.
export const touch = '@media (pointer: coarse)'
