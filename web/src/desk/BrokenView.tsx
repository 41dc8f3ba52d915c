import { Button, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { View } from '../api/types'
import { useTriggerWords } from './trigger/words'

const useStyles = makeStyles({
  trouble: {
    padding: tokens.spacingHorizontalL,
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'flex-start',
    gap: tokens.spacingVerticalM,
  },
})

/** What is wrong with a view, and how to mend it. */
export function BrokenView({ view, mayEdit, own }: { view: View; mayEdit: boolean; own: boolean }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const words = useTriggerWords()
  return (
    <div className={styles.trouble}>
      <Text weight="semibold">{t('view.broken')}</Text>
      <ul>
        {view.broken.map((fault) => (
          <li key={fault.field}>{words.fault(fault.code, fault.message, fault.name)}</li>
        ))}
      </ul>
      {mayEdit ? (
        <Button appearance="primary" onClick={() => void navigate(`${own ? '' : '/admin'}/views/${view.id}`)}>
          {t('view.mend')}
        </Button>
      ) : (
        <Text>{t('view.ask_admin')}</Text>
      )}
    </div>
  )
}
