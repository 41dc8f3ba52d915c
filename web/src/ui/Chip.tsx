import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { CloseIcon } from './icons'

const useStyles = makeStyles({
  chip: {
    display: 'inline-flex',
    alignItems: 'center',
    boxSizing: 'border-box',
    maxWidth: '100%',
    paddingLeft: tokens.spacingHorizontalS,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground4,
    fontSize: tokens.fontSizeBase200,
  },
  text: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', padding: '2px 0' },
  plain: { paddingRight: tokens.spacingHorizontalS },
  remove: { minWidth: '20px', width: '22px', height: '22px', padding: 0, '& svg': { width: '12px', height: '12px' } },
})

/** A small piece in a list of its kind, that can be taken out. */
export function Chip({
  children,
  title,
  removeLabel,
  onRemove,
}: {
  children: React.ReactNode
  title?: string
  removeLabel: string
  onRemove?: () => void
}) {
  const styles = useStyles()
  return (
    <span className={styles.chip} title={title}>
      <span className={styles.text}>{children}</span>
      {onRemove ? (
        <Button
          className={styles.remove}
          appearance="transparent"
          size="small"
          icon={<CloseIcon />}
          aria-label={removeLabel}
          onClick={onRemove}
        />
      ) : (
        <span className={styles.plain} />
      )}
    </span>
  )
}
