import { Card, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useParams, useSearchParams } from 'react-router'
import type { Macro, Restriction, TriggerDefinition } from '../../api/types'
import { AudienceField, restrictionOf, sentRestriction } from '../AudienceField'
import { LineList } from '../trigger/LineList'
import { actionLinesOf, actionsOf, type Line } from '../trigger/rule'
import { RuleForm, type About } from '../trigger/RuleForm'
import { Loaded } from '../../ui/states'
import { useMacro, useMacroActions, useMacroDefinitions } from './queries'
import { shownTitle } from './title'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalXL },
  placeholders: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
})

/** One macro, a new one, or the copy of one, to be edited. */
export function MacroPage() {
  const { id } = useParams()
  const [search] = useSearchParams()
  const fresh = id === 'new'
  const source = Number(fresh ? search.get('copy') : id)
  const definitions = useMacroDefinitions()
  const macro = useMacro(source, source > 0)
  return (
    <Loaded query={definitions}>
      {(known) =>
        source > 0 ? (
          <Loaded query={macro}>{(data) => <Editor key={`${id} ${data.updated_at}`} known={known} macro={data} copy={fresh} />}</Loaded>
        ) : (
          <Editor known={known} />
        )
      }
    </Loaded>
  )
}

function Editor({
  known,
  macro,
  copy,
}: {
  known: { actions: TriggerDefinition[]; placeholders: string[] }
  macro?: Macro
  copy?: boolean
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { save } = useMacroActions()
  const admin = useLocation().pathname.startsWith('/admin')
  const back = admin ? '/admin/macros' : '/macros'
  const [about, setAbout] = useState<About>({
    title: macro ? (copy ? t('trigger.copy_of', { title: macro.title }) : macro.title) : '',
    description: macro?.description ?? '',
    active: macro?.active ?? true,
  })
  const [restriction, setRestriction] = useState<Restriction | null>(macro && (admin || !copy) ? restrictionOf(macro) : admin ? null : { type: 'User' })
  const [actions, setActions] = useState<Line[]>(() => actionLinesOf(macro?.actions ?? []))
  return (
    <RuleForm
      title={macro && !copy ? shownTitle(macro) : t('macro.new')}
      back={{ to: back, label: admin ? t('admin.macros') : t('macro.own') }}
      about={about}
      titleHint={t('macro.title_hint')}
      fresh={!macro}
      written={[about, restriction, actions]}
      broken={macro?.broken}
      audience={admin && <AudienceField value={restriction} onValue={setRestriction} />}
      onAbout={(change) => setAbout((old) => ({ ...old, ...change }))}
      onSave={async () =>
        void (await save(copy ? undefined : macro?.id, { ...about, restriction: sentRestriction(restriction), actions: actionsOf(actions) }))
      }
    >
      {(faults) => (
        <Card className={styles.card}>
          <LineList
            heading={t('macro.actions')}
            hint={t('macro.actions_hint')}
            path="actions"
            lines={actions}
            definitions={known.actions}
            placeholders={known.placeholders}
            faults={faults}
            actions
            onLines={setActions}
          />
          <Text size={200} className={styles.placeholders}>
            {t('macro.placeholders')} {known.placeholders.map((name) => `{{${name}}}`).join(' ')}
          </Text>
        </Card>
      )}
    </RuleForm>
  )
}
