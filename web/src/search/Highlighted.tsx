import { makeStyles, tokens } from '@fluentui/react-components'
import type { SearchPiece } from '../api/types'

const useStyles = makeStyles({
  found: {
    backgroundColor: tokens.colorPaletteYellowBackground2,
    color: tokens.colorNeutralForeground1,
    borderRadius: tokens.borderRadiusSmall,
  },
})

/** A text in which what was searched for is marked. */
export function Highlighted({ pieces }: { pieces: SearchPiece[] }) {
  const styles = useStyles()
  return (
    <>
      {pieces.map((piece, i) =>
        piece.found ? (
          <mark key={i} className={styles.found}>
            {piece.text}
          </mark>
        ) : (
          piece.text
        ),
      )}
    </>
  )
}
