import { Card, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useParams, useSearchParams } from 'react-router'
import type { Trigger, TriggerDefinitions } from '../../api/types'
import { Loaded } from '../../ui/states'
import { LineList } from './LineList'
import { useDefinitions, useTrigger, useTriggerActions } from './queries'
import { bodyOf, emptyRule, ruleOf, type Rule } from './rule'
import { RuleForm } from './RuleForm'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalXL },
})

/** One trigger, a new one, or the copy of one, to be edited. */
export function TriggerPage() {
  const { id } = useParams()
  const [search] = useSearchParams()
  const fresh = id === 'new'
  const source = Number(fresh ? search.get('copy') : id)
  const definitions = useDefinitions()
  const trigger = useTrigger(source, source > 0)
  return (
    <Loaded query={definitions}>
      {(known) =>
        source > 0 ? (
          <Loaded query={trigger}>
            {(data) => <Editor key={`${id} ${data.updated_at}`} known={known} trigger={data} copy={fresh} />}
          </Loaded>
        ) : (
          <Editor known={known} />
        )
      }
    </Loaded>
  )
}

function Editor({ known, trigger, copy }: { known: TriggerDefinitions; trigger?: Trigger; copy?: boolean }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { save } = useTriggerActions()
  const [rule, setRule] = useState(() => {
    if (!trigger) return emptyRule
    const shown = ruleOf(trigger)
    return copy ? { ...shown, title: t('trigger.copy_of', { title: shown.title }), active: false } : shown
  })
  const change = (to: Partial<Rule>) => setRule((old) => ({ ...old, ...to }))
  return (
    <RuleForm
      title={trigger && !copy ? trigger.title : t('trigger.new')}
      back={{ to: '/admin/triggers', label: t('admin.triggers') }}
      about={rule}
      fresh={!trigger}
      written={rule}
      broken={copy ? [] : trigger?.broken}
      onAbout={change}
      onSave={async () => void (await save(copy ? undefined : trigger?.id, bodyOf(rule)))}
    >
      {(faults) => (
        <>
          <Card className={styles.card}>
            <LineList
              heading={t('trigger.all')}
              hint={t('trigger.all_hint')}
              path="conditions.all"
              lines={rule.all}
              definitions={known.conditions_all}
              placeholders={known.placeholders}
              faults={{ ...faults, 'conditions.all': faults.conditions ?? '' }}
              onLines={(all) => change({ all })}
            />
            <LineList
              heading={t('trigger.any')}
              hint={t('trigger.any_hint')}
              path="conditions.any"
              lines={rule.any}
              definitions={known.conditions_any}
              placeholders={known.placeholders}
              faults={faults}
              onLines={(any) => change({ any })}
            />
          </Card>
          <Card className={styles.card}>
            <LineList
              heading={t('trigger.actions')}
              path="actions"
              lines={rule.actions}
              definitions={known.actions}
              placeholders={known.placeholders}
              faults={faults}
              actions
              onLines={(actions) => change({ actions })}
            />
          </Card>
        </>
      )}
    </RuleForm>
  )
}
