import { Button, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate } from 'react-router'
import { RuleRows } from '../RuleRows'
import { useGroups } from '../trigger/queries'
import { FilterInput } from '../../ui/FilterInput'
import { AddIcon, MacroIcon } from '../../ui/icons'
import { Page } from '../../ui/Page'
import { Empty, Loaded } from '../../ui/states'
import { useMacroActions, useMacros } from './queries'
import { shownTitle } from './title'

/** Macros in their order: in the admin centre the shared ones, elsewhere one's own. */
export function Macros() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const admin = useLocation().pathname.startsWith('/admin')
  const base = admin ? '/admin/macros' : '/macros'
  const macros = useMacros()
  const { data: groups = [] } = useGroups()
  const { save, move, remove } = useMacroActions()
  const [filter, setFilter] = useState('')
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => void navigate(`${base}/new`)}>
      {t('macro.add')}
    </Button>
  )
  return (
    <Page title={admin ? t('admin.macros') : t('macro.own')} lead={t('macro.lead')} actions={add}>
      <Loaded query={macros}>
        {(list) => {
          const kept = list.filter((macro) => (macro.restriction?.type === 'User') !== admin)
          const rows = kept.filter((macro) => macro.title.toLowerCase().includes(filter.toLowerCase()))
          if (kept.length === 0)
            return (
              <Empty icon={<MacroIcon />} title={t('macro.none')} action={add}>
                {t('macro.none_hint')}
              </Empty>
            )
          return (
            <>
              <FilterInput value={filter} onValue={setFilter} label={t('trigger.find')} />
              {rows.length === 0 && <Text>{t('macro.none_found')}</Text>}
              <RuleRows
                label={t('macro.title')}
                rows={rows}
                base={base}
                titleOf={shownTitle}
                whose={(macro) =>
                  macro.restriction?.type === 'Group'
                    ? groups
                        .filter(({ id }) => macro.restriction?.ids?.includes(id))
                        .map(({ name }) => name)
                        .join(', ')
                    : macro.restriction
                      ? t('view.for_me')
                      : t('view.for_all')
                }
                save={save}
                move={move}
                remove={remove}
              />
            </>
          )
        }}
      </Loaded>
    </Page>
  )
}
