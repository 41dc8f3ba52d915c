import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { initials } from './initials'

const useStyles = makeStyles({
  face: {
    display: 'inline-grid',
    placeItems: 'center',
    flexShrink: 0,
    width: '28px',
    height: '28px',
    borderRadius: '50%',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    lineHeight: 1,
    // As generated content, so that a button's name is its label alone.
    '::before': { content: 'attr(data-initials)' },
  },
  small: { width: '20px', height: '20px', fontSize: tokens.fontSizeBase100 },
  large: { width: '36px', height: '36px', fontSize: tokens.fontSizeBase300 },
  colleague: { backgroundColor: tokens.colorBrandBackground, color: tokens.colorNeutralForegroundOnBrand },
  0: { backgroundColor: tokens.colorPaletteBlueBackground2, color: tokens.colorPaletteBlueForeground2 },
  1: { backgroundColor: tokens.colorPaletteForestBackground2, color: tokens.colorPaletteForestForeground2 },
  2: { backgroundColor: tokens.colorPaletteGrapeBackground2, color: tokens.colorPaletteGrapeForeground2 },
  3: { backgroundColor: tokens.colorPaletteTealBackground2, color: tokens.colorPaletteTealForeground2 },
  4: { backgroundColor: tokens.colorPaletteBrassBackground2, color: tokens.colorPaletteBrassForeground2 },
  5: { backgroundColor: tokens.colorPalettePlumBackground2, color: tokens.colorPalettePlumForeground2 },
})

/** Stands for a person: initials on a colour that stays theirs. The name stands beside it. */
export function Face({
  name,
  colleague,
  large,
  small,
}: {
  name: string
  colleague?: boolean
  large?: boolean
  small?: boolean
}) {
  const styles = useStyles()
  const color = ([...name].reduce((sum, letter) => sum + letter.codePointAt(0)!, 0) % 6) as 0 | 1 | 2 | 3 | 4 | 5
  return (
    <span
      className={mergeClasses(
        styles.face,
        large && styles.large,
        small && styles.small,
        colleague ? styles.colleague : styles[color])}
      aria-hidden
      data-initials={initials(name)}
    />
  )
}
