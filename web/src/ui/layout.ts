// Where panes become pages, and where three columns become two.
export const narrow = '@media (max-width: 720px)'
export const medium = '@media (max-width: 1100px)'
