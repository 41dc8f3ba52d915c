import { Button, makeStyles, MessageBar, MessageBarActions, MessageBarBody, Text, tokens } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { isEmptyDraft } from './draft'
import type { DraftKeeper, DraftState } from './draftKeeper'

const useStyles = makeStyles({ dim: { color: tokens.colorNeutralForeground3 } })

/** What the writer has to know about the keeping of the draft; nothing as long as all is well. */
export function DraftBars({ rival, trouble, keeper }: Pick<DraftState, 'rival' | 'trouble'> & { keeper: DraftKeeper }) {
  const { t } = useTranslation()
  const styles = useStyles()
  if (rival) {
    const gone = isEmptyDraft(rival)
    return (
      <MessageBar intent="warning" layout="multiline" role="alert">
        <MessageBarBody>{t(gone ? 'draft.gone' : 'draft.changed')}</MessageBarBody>
        <MessageBarActions>
          <Button size="small" appearance="primary" onClick={() => void keeper.keepMine()}>
            {t('draft.keep_mine')}
          </Button>
          <Button size="small" onClick={keeper.takeRival}>
            {t(gone ? 'draft.remove_mine' : 'draft.take_theirs')}
          </Button>
        </MessageBarActions>
      </MessageBar>
    )
  }
  if (!trouble) return null
  return (
    <Text size={200} className={styles.dim} role="status">
      {t('draft.unsaved')}
    </Text>
  )
}
