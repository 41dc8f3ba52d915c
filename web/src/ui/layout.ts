// Where panes become pages, and where three columns become two.
export const narrow = '@media (max-width: 720px)'
export const medium = '@media (max-width: 1100px)'
// Fingers instead of a mouse: ui/touch.ts has the rules for Fluent's parts.
export const touch = '@media (pointer: coarse)'
