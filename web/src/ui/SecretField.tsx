import { Button, Input, makeStyles, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { CopyIcon, DoneIcon } from './icons'
import { useCopy } from './useCopy'

const useStyles = makeStyles({
  row: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'center' },
  input: { flexGrow: 1, fontFamily: tokens.fontFamilyMonospace },
})

/** Something to be copied whole: a link or a token. */
export function SecretField({ value, label }: { value: string; label: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [copied, copy] = useCopy()
  return (
    <div className={styles.row}>
      <Input
        className={styles.input}
        value={value}
        readOnly
        aria-label={label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button icon={copied ? <DoneIcon /> : <CopyIcon />} onClick={() => copy(value)}>
        {copied ? t('action.copied') : t('action.copy')}
      </Button>
    </div>
  )
}
